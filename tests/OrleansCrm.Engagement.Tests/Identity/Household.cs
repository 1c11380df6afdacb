using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Tests.Identity;

/// <summary>The ids of some persons, each in a partition of its own, and the post between them: in order for each sender, else in any.</summary>
internal sealed class Household(ProgramDocument? program = null)
{
    private readonly SortedDictionary<string, Story> _stories = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Queue<OutgoingEntry>> _mail = new(StringComparer.Ordinal);
    private ulong _nonce;

    /// <summary>How often a policy has asked for a decision.</summary>
    public int Asked { get; private set; }

    // What policies ask for, and what has been decided, meets everything else that is on its way to a customer.
    private const string Asking = "asking ";
    private const string Deciding = "deciding ";

    public IEnumerable<Story> All => _stories.Values;

    /// <param name="id">With its kind, as <c>user:u</c>.</param>
    public Story this[string id]
    {
        get
        {
            if (!_stories.TryGetValue(id, out var story))
            {
                _stories.Add(id, story = new Story("default/" + id, program, partition: _stories.Count));
                foreach (var sender in new[] { id, Asking + id, Deciding + id })
                    _mail.Add(sender, new Queue<OutgoingEntry>());
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
        if (sender.StartsWith(Asking, StringComparison.Ordinal))
        {
            Decide(receiver, sent);
            return;
        }

        // The partition's own word, which it gives once.
        if (sender.StartsWith(Deciding, StringComparison.Ordinal))
            times = 1;
        for (; times > 0; times--)
            Do(receiver, s => s.Receive(sent));
        Assert.Equal(0, AllAccounts);
    }

    /// <summary>As the partition does it; an id that was given away is offered nothing.</summary>
    private void Decide(string id, OutgoingEntry asked)
    {
        var story = this[id];
        if (story.State.LinkedTo.Length > 0)
            return;
        var name = new DecisionId(story.Entries[^1].Partition, 1, ++_nonce);
        var note = TriggeredDecision.Decide(story.State, story.Program, asked.Payload, DecisionTables.Empty, name, story.Entries[^1].RecordedMs, [], 0).Note;
        if (note.Length > 0)
            _mail[Deciding + id].Enqueue(asked with { Payload = note });
    }

    private void Collect(string id)
    {
        foreach (var outgoing in this[id].Output.Outgoing)
        {
            if (outgoing.Entry is not { } entry)
                continue;
            var isAsk = entry.Type == EntryTypes.DecisionTriggered;
            Asked += isAsk ? 1 : 0;
            _mail[isAsk ? Asking + id : id].Enqueue(entry);
        }
    }
}
