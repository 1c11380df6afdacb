using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Simulation.Tests.Workload;

/// <summary>
/// What the clients know: what they sent and what they were told. With the arithmetic of a primary school this is the model of the
/// engine: an order counts once however often it was told, and a point is a whole unit of what was paid and kept.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<Guid, Sent> _sent = [];
    private readonly SortedDictionary<string, CustomerBook> _books = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<Guid, Sent> Messages => _sent;

    public IReadOnlyDictionary<string, CustomerBook> Books => _books;

    /// <summary>Which agents were told that they have an alert.</summary>
    public SortedDictionary<string, SortedSet<string>> Winners { get; } = new(StringComparer.Ordinal);

    public CustomerBook BookOf(string customer)
    {
        if (!_books.TryGetValue(customer, out var book))
            _books.Add(customer, book = new CustomerBook());
        return book;
    }

    public Sent Note(NewEntry entry, int partition)
    {
        if (!_sent.TryGetValue(entry.MessageId, out var sent))
            _sent.Add(entry.MessageId, sent = new Sent(entry, partition));
        return sent;
    }

    /// <param name="Entry">As sent; of a command the customer is found out by the engine.</param>
    internal sealed record Sent(NewEntry Entry, int Partition)
    {
        /// <summary>Where it stands, by the engine's answer; -1 without one.</summary>
        public long Offset { get; set; } = -1;

        public bool IsAcknowledged { get; set; }

        public bool IsFaulted { get; set; }

        public CommandOutcome? Outcome { get; set; }
    }
}

/// <summary>The orders of one customer as their messages say.</summary>
internal sealed class CustomerBook
{
    private readonly SortedDictionary<string, OrderBook> _orders = new(StringComparer.Ordinal);

    /// <summary>Entries of this customer whose acknowledgement said that they were applied.</summary>
    public int Applied { get; set; }

    public IEnumerable<string> OrderIds => _orders.Keys;

    public long Orders => _orders.Values.Count(o => o is { IsPlaced: true, IsCancelled: false });

    public long Points => _orders.Values.Where(o => o is { IsPlaced: true, IsCancelled: false })
        .Sum(o => (long)Math.Floor(Math.Max(0, o.Value - o.Refunds.Values.Sum())));

    /// <summary>What several ids of one person were told, as one.</summary>
    public static CustomerBook Joined(IEnumerable<CustomerBook> books)
    {
        var joined = new CustomerBook();
        foreach (var (id, order) in books.SelectMany(b => b._orders))
        {
            var one = joined.Order(id);
            (one.Value, one.IsPlaced, one.IsCancelled) = (Math.Max(one.Value, order.Value), one.IsPlaced | order.IsPlaced, one.IsCancelled | order.IsCancelled);
            foreach (var (refund, amount) in order.Refunds)
                one.Refunds.Add(refund, amount);
        }

        return joined;
    }

    public OrderBook Order(string id)
    {
        if (!_orders.TryGetValue(id, out var order))
            _orders.Add(id, order = new OrderBook());
        return order;
    }
}

internal sealed class OrderBook
{
    public decimal Value { get; set; }

    public DateTimeOffset At { get; set; }

    public bool IsPlaced { get; set; }

    public bool IsCancelled { get; set; }

    /// <summary>Another id was told of it too, and that one hears of its refunds.</summary>
    public bool IsShared { get; set; }

    public SortedDictionary<string, decimal> Refunds { get; } = new(StringComparer.Ordinal);
}
