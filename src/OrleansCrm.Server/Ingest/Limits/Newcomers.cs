using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>
/// Finds out which customers have never been seen. Whoever was met a while ago is remembered by a hash in a table of a megabyte, so that a
/// visitor's next click asks nobody; a hash that two share lets one newcomer in sixteen thousand pass uncounted.
/// </summary>
internal sealed class Newcomers
{
    private const int TableSize = 1 << 18;

    private int[]? _met;

    /// <returns>How many of the customers are new; null when a partition cannot tell right now.</returns>
    public async Task<int?> CountAsync(IGrainFactory grains, IReadOnlyList<List<IntakeEntry>> parts, int partitions)
    {
        var met = LazyInitializer.EnsureInitialized(ref _met, () => new int[TableSize]);
        var count = 0;
        foreach (var part in parts)
        {
            var unmet = part.Select(e => e.Entry.Customer).Where(c => met[SlotOf(c)] != c.GetHashCode()).Distinct(StringComparer.Ordinal).ToArray();
            if (unmet.Length == 0)
                continue;
            var known = await AskAsync(grains.GetGrain<IPartitionGrain>(part[0].Customer.PartitionOf(partitions)), unmet);
            if (known.Length != unmet.Length)
                return null;
            count += known.Count(k => !k);
        }

        return count;
    }

    /// <summary>Remembers whom the partitions know now.</summary>
    public void Meet(IReadOnlyList<List<IntakeEntry>> parts)
    {
        foreach (var part in parts)
        {
            foreach (var entry in part)
                _met![SlotOf(entry.Entry.Customer)] = entry.Entry.Customer.GetHashCode();
        }
    }

    private static async Task<bool[]> AskAsync(IPartitionGrain partition, string[] customers)
    {
        try
        {
            return await partition.KnowsAsync(customers);
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            return [];
        }
    }

    private static int SlotOf(string customer) => customer.GetHashCode() & (TableSize - 1);
}
