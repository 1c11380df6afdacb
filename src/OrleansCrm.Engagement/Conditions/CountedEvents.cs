using System.Text;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Conditions;

/// <summary>The events whose times a program's conditions need, and how many of each.</summary>
internal sealed class CountedEvents
{
    private static readonly (string Word, string Event)[] Words =
    [
        ("refunds", "Order Refunded"), ("cancellations", "Order Cancelled"), ("tickets", "Ticket Opened"),
    ];

    private readonly (string Name, byte[] Event, int Max)[] _counted;

    public CountedEvents(IEnumerable<Condition> conditions)
    {
        var counts = conditions.SelectMany(condition => condition.Parts).ToArray();
        _counted =
        [
            .. counts.OfType<CountCondition>()
                .Where(count => count.Name is not (CountCondition.Orders or CountCondition.Reviews))
                .GroupBy(count => count.Name, StringComparer.Ordinal)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => (group.Key, Encoding.UTF8.GetBytes(EventOf(group.Key)), group.Max(count => count.TimesMax))),
        ];
        Any = counts.Length > 0;
    }

    /// <summary>Whether there are conditions at all.</summary>
    public bool Any { get; }

    /// <summary>How many names a program may count.</summary>
    public static IEnumerable<string> NamesOf(IEnumerable<Condition> conditions) =>
        new CountedEvents(conditions)._counted.Select(counted => counted.Name);

    public int MaxOf(string name)
    {
        foreach (var counted in _counted)
        {
            if (counted.Name == name)
                return counted.Max;
        }

        return 0;
    }

    /// <summary>Takes note of an event that some condition counts.</summary>
    public void See(CustomerState state, in StorefrontEvent read, ref FoldStep step)
    {
        foreach (var (name, wanted, max) in _counted)
        {
            if (read.NameText.SequenceEqual(wanted))
                step.FactsChanged |= CountedTimes.Add(state, name, new CountedTime(step.Entry.TimeMs, KeyOf(read, step)), max);
        }
    }

    public static string EventOf(string name)
    {
        foreach (var (word, named) in Words)
        {
            if (word == name)
                return named;
        }

        return name;
    }

    /// <summary>Whether it is orders, or what comes of them.</summary>
    public static bool FollowFromPurchases(string name) =>
        name == CountCondition.Orders || EventOf(name).StartsWith("Order ", StringComparison.Ordinal);

    /// <summary>A refund or cancellation told twice is one; everything else is known by its message.</summary>
    private static ulong KeyOf(in StorefrontEvent read, in FoldStep step)
    {
        if (read.OrderId.Length > 0 && (read.RefundId.Length > 0 || read.Name == StorefrontEventName.OrderCancelled))
            return EventReader.HashOf(read.OrderId, read.RefundId);
        Span<byte> message = stackalloc byte[16];
        step.Entry.MessageId.TryWriteBytes(message);
        return EventReader.HashOf(message, default);
    }
}
