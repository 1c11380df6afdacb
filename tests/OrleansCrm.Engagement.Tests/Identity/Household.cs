using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Identity;

/// <summary>The ids of some persons, each in a partition of its own, and the post between them: in order for each sender, else in any.</summary>
internal sealed class Household(ProgramDocument? program = null)
{
    private readonly SortedDictionary<string, Story> _stories = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Queue<OutgoingEntry>> _mail = new(StringComparer.Ordinal);

    public IEnumerable<Story> All => _stories.Values;

    /// <param name="id">With its kind, as <c>user:u</c>.</param>
    public Story this[string id]
    {
        get
        {
            if (!_stories.TryGetValue(id, out var story))
            {
                _stories.Add(id, story = new Story("default/" + id, program, partition: _stories.Count));
                _mail.Add(id, new Queue<OutgoingEntry>());
            }

            return story;
        }
    }

    public int Undelivered => _mail.Values.Sum(m => m.Count);

    /// <summary>Points that some account of some customer holds, every account counted: zero at every moment.</summary>
    public long AllAccounts => All.Sum(s => s.State.Ledger?.Sum ?? 0);

    public long InTransit => All.Sum(s => s.State.Ledger?[PointsAccount.InTransit] ?? 0);

    public Household Tell(string id, double day, string type, string payload)
    {
        this[id].Own(type, day, payload);
        Collect(id);
        return this;
    }

    public Household Order(string id, double day, string order, decimal revenue = 60) => Do(id, s => s.Order(day, order, revenue));

    /// <summary>The user signs in in a browser that has been there before.</summary>
    public Household SignIn(string user, double day, string anonymous) => Tell(
        user, day, EntryTypes.Identify, $$"""{"type":"identify","userId":"u","anonymousId":"{{anonymous[(anonymous.IndexOf(':') + 1)..]}}"}""");

    /// <summary>An administrator merges a customer into another one.</summary>
    public Household Merge(string into, double day, string other) =>
        Do(into, s => s.Own(EntryTypes.IdentityMerge, day, System.Text.Encoding.UTF8.GetString(MergeCommand.ToPayload(other, "admin@x"))));

    public Household Do(string id, Action<Story> action)
    {
        action(this[id]);
        Collect(id);
        return this;
    }

    public Household DeliverAll()
    {
        while (Undelivered > 0)
            Deliver(_mail.First(m => m.Value.Count > 0).Key);
        return this;
    }

    /// <summary>The next of some sender; now and then twice, as after an answer that was lost.</summary>
    public void DeliverSome(Random random)
    {
        var senders = _mail.Where(m => m.Value.Count > 0).Select(m => m.Key).ToArray();
        if (senders.Length > 0)
            Deliver(senders[random.Next(senders.Length)], random.Next(5) == 0 ? 2 : 1);
    }

    private void Deliver(string sender, int times = 1)
    {
        var sent = _mail[sender].Dequeue();
        var receiver = sent.Customer[(sent.Customer.IndexOf('/') + 1)..];
        for (; times > 0; times--)
            Do(receiver, s => s.Receive(sent));
        Assert.Equal(0, AllAccounts);
    }

    private void Collect(string id)
    {
        foreach (var outgoing in this[id].Output.Outgoing)
        {
            if (outgoing.Entry is { } entry)
                _mail[id].Enqueue(entry);
        }
    }
}
