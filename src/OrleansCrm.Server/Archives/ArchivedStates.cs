using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Archives;

/// <summary>Where the states of a partition stand that archived entries have led to, and the keys to those entries.</summary>
internal sealed class ArchivedStates
{
    public static readonly ArchivedStates None = new();

    private const int Page = 10_000;

    private readonly Dictionary<string, (long Offset, byte[] Key)> _byCustomer = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, byte[]> _keys = [];

    /// <summary>Reads the whole partition, but only if it says that anything was archived.</summary>
    public static async Task<ArchivedStates> ReadAsync(IJournal journal, int partition, CancellationToken cancellation)
    {
        if (CompactionNote.Of(await journal.ReadWideAsync(partition, cancellation)).Length == 0)
            return None;
        var found = new ArchivedStates();
        for (long from = 0; await journal.ReadAsync(partition, from, Page, cancellation) is { Length: > 0 } entries; from = entries[^1].Offset + 1)
        {
            foreach (var entry in entries)
            {
                if (entry.Type != EntryTypes.HistoryArchived)
                    continue;
                var key = ArchivedHistory.Read(entry.Payload).Key;
                found._byCustomer[entry.Customer] = (entry.Offset, key);
                found._keys[CustomerHash.Of(journal.Identity.HashKey, entry.Customer)] = key;
            }
        }

        return found;
    }

    /// <returns>-1 for who has none.</returns>
    public long OffsetOf(string customer) => _byCustomer.TryGetValue(customer, out var found) ? found.Offset : -1;

    public byte[]? KeyOf(string customer) => _byCustomer.TryGetValue(customer, out var found) ? found.Key : null;

    /// <param name="customer">By <see cref="CustomerHash"/>.</param>
    public byte[]? KeyOf(Guid customer) => _keys.GetValueOrDefault(customer);
}
