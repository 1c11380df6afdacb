namespace OrleansCrm.Engagement.Customers;

/// <param name="Event">Name of the event, or the entry's type where it has none.</param>
/// <param name="Summary">A few words; empty where the name says it all.</param>
internal readonly record struct RecentInteraction(long TimeMs, long Offset, string Type, string Event, string Summary);

internal static class RecentInteractions
{
    /// <summary>Keeps the newest by event time; among equal times the entry that came later is newer.</summary>
    public static void Add(CustomerState state, in RecentInteraction interaction)
    {
        var list = state.Recent ??= new List<RecentInteraction>(4);
        var index = list.Count;
        while (index > 0 && list[index - 1].TimeMs > interaction.TimeMs)
            index--;
        if (list.Count == Bounds.RecentMax)
        {
            if (index == 0)
                return;
            list.RemoveAt(0);
            index--;
        }

        // Full lists are the rule, and doubling would leave a third of each empty.
        if (list.Count == list.Capacity)
            list.Capacity = Math.Min(2 * list.Capacity, Bounds.RecentMax);
        list.Insert(index, interaction);
    }

    /// <summary>The text of a name: states hold a million of them.</summary>
    public static string NameOf(ReadOnlySpan<byte> utf8) => StorefrontEventNames.Find(utf8) is var known and not StorefrontEventName.Other
        ? StorefrontEventNames.Text(known)
        : EventReader.Shared(utf8);

    /// <summary>A summary that was stored. Those of orders are one of a kind.</summary>
    public static string SummaryOf(string stored) =>
        stored.StartsWith(StorefrontFold.OrderWord, StringComparison.Ordinal) ? stored : SharedTexts.Of(stored);
}
