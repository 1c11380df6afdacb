using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Server.Ingest;

/// <summary>
/// Counts, since the start of the process, events that came in with names that mean nothing here: they are taken as they are, and a slip in a
/// name shows in this list instead of in a report months later.
/// </summary>
internal sealed class EventNames
{
    /// <summary>Names of one tenant that are told apart; names come from outside.</summary>
    private const int NamesMax = 1_000;

    private const int NameBytesMax = 200;
    private const string Others = "(others)";

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Tally>> _tenants = new(StringComparer.Ordinal);
    private readonly Counter<long> _unknown;

    public EventNames(IMeterFactory meters) =>
        _unknown = meters.Create("OrleansCrm.Ingest.Names").CreateCounter<long>("orleanscrm.ingest.unknown_events", "{event}", "Events that came in with a name that means nothing here.");

    /// <summary>Counts an item that came in.</summary>
    public void Count(string tenant, Envelope item)
    {
        if (item.Type != EntryTypes.Track || item.Event.IsEmpty || StorefrontEvents.IsKnown(item.Event.Span))
            return;
        var names = _tenants.GetOrAdd(tenant, _ => new ConcurrentDictionary<string, Tally>(StringComparer.Ordinal));
        var tally = Find(names, item.Event.Span);
        Interlocked.Increment(ref tally.Count);

        // Not by name: names come from outside, and people have put addresses into them.
        _unknown.Add(1);
    }

    private static Tally Find(ConcurrentDictionary<string, Tally> names, ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > NameBytesMax)
            return names.GetOrAdd(Others, name => new Tally(name));
        Span<char> text = stackalloc char[NameBytesMax];
        text = text[..Encoding.UTF8.GetChars(utf8, text)];
        if (names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out var known))
            return known;
        return names.GetOrAdd(names.Count < NamesMax ? text.ToString() : Others, name => new Tally(name));
    }

    /// <summary>Most frequent first.</summary>
    public (string Name, long Count)[] ListOf(string tenant) => !_tenants.TryGetValue(tenant, out var names)
        ? []
        : [.. names.Select(n => (n.Key, n.Value.Count)).OrderByDescending(n => n.Count).ThenBy(n => n.Key, StringComparer.Ordinal)];

    private sealed class Tally(string name)
    {
        public string Name => name;

        public long Count;
    }
}
