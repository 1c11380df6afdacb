using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

/// <summary>Who was erased from a partition, by keyed hash.</summary>
internal sealed class ErasedCustomers(string hashKey)
{
    private readonly Dictionary<Guid, Erasure> _byHash = [];

    public bool IsEmpty => _byHash.Count == 0;

    public Erasure Add(ErasureRow row)
    {
        var erasure = new Erasure(row);
        _byHash[erasure.Id] = erasure;
        return erasure;
    }

    public Erasure? Find(string customer) => _byHash.GetValueOrDefault(HashOf(customer));

    public bool Contains(string customer) => !IsEmpty && _byHash.ContainsKey(HashOf(customer));

    public Guid HashOf(string customer) => CustomerHash.Of(hashKey, customer);
}

/// <summary>One erasure, under way or done.</summary>
internal sealed class Erasure(ErasureRow row)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The keyed hash; also the message id of the request, so that a repeat of it is known before and after.</summary>
    public Guid Id { get; } = Guid.Parse(row.Hash);

    public string Hash => row.Hash;

    /// <summary>Canonical key of the customer, and of the tombstone once that has taken the place.</summary>
    public string Customer { get; private set; } = row.Customer;

    public long RequestedMs => row.RequestedMs;

    public long DoneMs { get; private set; } = row.DoneMs;

    public StoreCount[] Stores { get; private set; } = row.Stores;

    public bool HasTombstone => CustomerKey.Parse(Customer).Kind == CustomerKind.Erased;

    public bool IsDone => DoneMs > 0;

    /// <summary>
    /// Answers to claims that the customer has made are still taken: what an id gives away must arrive, or its points would be on their way
    /// for ever. False once nothing is waited for.
    /// </summary>
    public bool TakesAnswers { get; set; } = CustomerKey.Parse(row.Customer).Kind != CustomerKind.Erased;

    /// <summary>How often claims of the customer were found unanswered.</summary>
    public int Waits { get; set; }

    /// <summary>What was let in before the erasure was noted is folded and stored, and what it sent has arrived.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Done, or given up by this activation.</summary>
    public Task Finished => _finished.Task;

    public void Become(ErasureRow now) => (Customer, Stores) = (now.Customer, now.Stores);

    public void Finish(long doneMs)
    {
        DoneMs = doneMs;
        _finished.TrySetResult();
    }

    public void Abandon() => _finished.TrySetResult();

    public EraseResponse Describe() =>
        new(IsDone ? EraseStatus.Done : EraseStatus.UnderWay, Hash, RequestedMs, DoneMs, Stores);
}
