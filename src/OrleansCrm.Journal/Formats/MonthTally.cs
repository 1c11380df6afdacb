using System.Runtime.InteropServices;
using System.Text;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Formats;

/// <summary>By how much one flush changes the cells of <see cref="MonthMetrics"/>, of one tenant.</summary>
internal sealed class MonthTally
{
    private readonly List<byte[]> _kinds = [];
    private readonly List<(int Kind, int Block, ulong Bits)> _before = [];
    private readonly List<(int Kind, int Block, ulong Bits)> _after = [];
    private readonly Dictionary<(int Kind, bool IsCohort, int From, int Month), long> _cells = [];

    public IEnumerable<(string Metric, long Change)> Changes =>
        from cell in _cells
        where cell.Value != 0
        select (MonthMetrics.CellName(Encoding.UTF8.GetString(_kinds[cell.Key.Kind]), cell.Key.IsCohort, cell.Key.From, cell.Key.Month), cell.Value);

    /// <returns>False when this is no set of months.</returns>
    public bool TryTakeBefore(ReadOnlySpan<byte> name, long value) => TryTake(_before, name, value);

    public bool TryTakeAfter(ReadOnlySpan<byte> name, long value) => TryTake(_after, name, value);

    /// <summary>All of one customer has been taken. Mostly no month has begun for him since he was last stored, and that costs nothing.</summary>
    public void Settle()
    {
        if (!CollectionsMarshal.AsSpan(_before).SequenceEqual(CollectionsMarshal.AsSpan(_after)))
        {
            for (var kind = 0; kind < _kinds.Count; kind++)
            {
                Count(_before, kind, -1);
                Count(_after, kind, 1);
            }
        }

        _before.Clear();
        _after.Clear();
    }

    private bool TryTake(List<(int Kind, int Block, ulong Bits)> sets, ReadOnlySpan<byte> name, long value)
    {
        if (!MonthMetrics.TryParseSet(name, out var kind, out var block))
            return false;
        sets.Add((IndexOf(kind), block, (ulong)value));
        return true;
    }

    private void Count(List<(int Kind, int Block, ulong Bits)> sets, int kind, int sign) => MonthMetrics.CountCells(
        sets.Where(s => s.Kind == kind).Select(s => (s.Block, s.Bits)).OrderBy(s => s.Block),
        (isCohort, from, month) =>
        {
            var cell = (kind, isCohort, from, month);
            _cells[cell] = _cells.GetValueOrDefault(cell) + sign;
        });

    private int IndexOf(ReadOnlySpan<byte> kind)
    {
        for (var i = 0; i < _kinds.Count; i++)
        {
            if (kind.SequenceEqual(_kinds[i]))
                return i;
        }

        _kinds.Add(kind.ToArray());
        return _kinds.Count - 1;
    }
}
