using System.Globalization;
using System.Numerics;
using System.Text;

namespace OrleansCrm.Contracts.Customers;

/// <summary>
/// Metrics about months. How many different customers were there in a stretch of months cannot be added up from months, so a customer
/// contributes the set of his months (<c>active@10</c>: one bit for each of the 64 months from January 1970 + 640 months on), and what is
/// summed are cells: of which first month and in which month (<c>active.cohort:671:675</c>), and in which month after which other one, the
/// last before it (<c>active.next:671:675</c>). Whoever has a month in a stretch is counted once by the first of them: by his cohort, if it
/// is his very first, else by the month before it, which lies before the stretch.
/// </summary>
public static class MonthMetrics
{
    /// <summary>Months with storefront events.</summary>
    public const string Active = "active";

    /// <summary>Months with purchases that stand.</summary>
    public const string Bought = "bought";

    private const char SetMark = '@';
    private const string CohortMark = ".cohort:";
    private const string NextMark = ".next:";

    private static readonly string[] ActiveSets = NamesOf(Active);
    private static readonly string[] BoughtSets = NamesOf(Bought);

    /// <param name="block">The 64 months from 64 times this on, January 1970 being month 0.</param>
    public static string SetName(string kind, int block) => (uint)block >= (uint)ActiveSets.Length
        ? NameOf(kind, block)
        : kind switch
        {
            Active => ActiveSets[block],
            Bought => BoughtSets[block],
            _ => NameOf(kind, block),
        };

    /// <summary>Takes the name of a set of months apart.</summary>
    public static bool TryParseSet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> kind, out int block)
    {
        var mark = name.IndexOf((byte)SetMark);
        kind = mark < 0 ? default : name[..mark];
        block = 0;
        return mark >= 0 && int.TryParse(name[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out block);
    }

    /// <param name="isCohort">Counted by the first month, else by the one before.</param>
    public static string CellName(string kind, bool isCohort, int from, int month) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}{(isCohort ? CohortMark : NextMark)}{from}:{month}");

    /// <summary>Takes the name of a cell apart.</summary>
    public static bool TryParseCell(string name, string kind, out bool isCohort, out int from, out int month)
    {
        (isCohort, from, month) = (false, 0, 0);
        if (!name.StartsWith(kind, StringComparison.Ordinal))
            return false;
        var rest = name.AsSpan(kind.Length);
        isCohort = rest.StartsWith(CohortMark, StringComparison.Ordinal);
        if (!isCohort && !rest.StartsWith(NextMark, StringComparison.Ordinal))
            return false;
        rest = rest[(isCohort ? CohortMark : NextMark).Length..];
        var colon = rest.IndexOf(':');
        return colon > 0
            && int.TryParse(rest[..colon], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out from)
            && int.TryParse(rest[(colon + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out month);
    }

    /// <summary>The cells of one customer's months, told one by one.</summary>
    /// <param name="blocks">Rising.</param>
    /// <param name="take">Cohort or not, from, month.</param>
    public static void CountCells(IEnumerable<(int Block, ulong Bits)> blocks, Action<bool, int, int> take)
    {
        int? first = null;
        var before = 0;
        foreach (var (block, bits) in blocks)
        {
            for (var rest = bits; rest != 0; rest &= rest - 1)
            {
                var month = block * 64 + BitOperations.TrailingZeroCount(rest);
                if (first is not null)
                    take(false, before, month);
                take(true, first ??= month, month);
                before = month;
            }
        }
    }

    /// <summary>What a customer's contribution adds to the sums: sets of months as their cells, everything else as it is.</summary>
    public static List<MetricSum> Expand(MetricSum[] contribution)
    {
        var sums = new List<MetricSum>(contribution.Length);
        var sets = new SortedDictionary<string, List<(int Block, ulong Bits)>>(StringComparer.Ordinal);
        foreach (var sum in contribution)
        {
            var name = Encoding.UTF8.GetBytes(sum.Metric);
            if (!TryParseSet(name, out var kind, out var block))
            {
                sums.Add(sum);
                continue;
            }

            var key = Encoding.UTF8.GetString(kind);
            if (!sets.TryGetValue(key, out var blocks))
                sets.Add(key, blocks = []);
            blocks.Add((block, (ulong)sum.Value));
        }

        foreach (var (kind, blocks) in sets)
            CountCells(blocks.OrderBy(b => b.Block), (isCohort, from, month) => sums.Add(new MetricSum(CellName(kind, isCohort, from, month), 1)));
        return sums;
    }

    private static string[] NamesOf(string kind) => [.. Enumerable.Range(0, 64).Select(block => NameOf(kind, block))];

    private static string NameOf(string kind, int block) => string.Create(CultureInfo.InvariantCulture, $"{kind}{SetMark}{block}");
}
