using System.Runtime.InteropServices;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum PointsAccount : byte
{
    /// <summary>Where points come from and go back to: the program's side, minus what is in customers' hands.</summary>
    Issued = 0,

    /// <summary>What the customer can spend; below zero while spent points turn out not to have been earned.</summary>
    Available = 1,

    /// <summary>
    /// Given up by one id of a person, or by another customer, and taken over by the receiver: the two customers' balances of it are opposite,
    /// or one of them has yet to book. What it is about stands in the line.
    /// </summary>
    InTransit = 2,

    /// <summary>Earned, and not to be spent before the return window has closed.</summary>
    Pending = 3,

    /// <summary>Set aside for a payment that is under way.</summary>
    Held = 4,
    Spent = 5,

    /// <summary>Never spent in time.</summary>
    Expired = 6,
}

/// <summary>Why points moved. Numbers are stored: they may only grow.</summary>
internal enum PointsReason : byte
{
    Earned = 1,

    /// <summary>Taken back: the order was refunded, cancelled or corrected downwards.</summary>
    Reversed = 2,

    /// <summary>Handed over from one id of a person to another.</summary>
    Moved = 3,

    /// <summary>The return window has closed.</summary>
    Released = 4,
    Held = 5,
    Redeemed = 6,

    /// <summary>Back from a hold that was cancelled or has run out, or from a payment whose order was.</summary>
    Returned = 7,
    Expired = 8,
    Welcome = 9,
    Review = 10,
    Referral = 11,

    /// <summary>Given or taken by a person.</summary>
    Adjusted = 12,

    /// <summary>From or to another customer.</summary>
    Transferred = 13,

    /// <summary>Spent points that turned out never to have been there, given by the shop.</summary>
    Forgiven = 14,

    /// <summary>An order became too old to be kept on its own: the same points under another key.</summary>
    CarriedOver = 15,
    Birthday = 16,
}

/// <summary>One movement: <paramref name="Points"/> (above 0) leave one account and enter another.</summary>
/// <param name="Offset">The entry that caused it.</param>
/// <param name="Order">Key of the order it is about; of the other id for points that moved; else the natural key of what it is about.</param>
internal readonly record struct LedgerLine(
    long Offset, long TimeMs, PointsAccount From, PointsAccount To, long Points, PointsReason Reason, ulong Order);

/// <summary>
/// Double-entry ledger of one customer: every movement has two sides, so the sum over all accounts is zero at every moment. The newest
/// lines are kept here; the totals cover all of them.
/// </summary>
internal sealed class PointsLedger
{
    // Most customers have no others: their states are held by the million.
    private const int UsualAccounts = 3;
    private const int Accounts = 7;

    /// <summary>Lines that one order makes.</summary>
    private const int UsualNew = 2;

    private long[] _balances = new long[UsualAccounts];

    [ThreadStatic]
    private static PackedWriter? _writer;

    // Lines as bytes, and those that have come since. Together there may be more than are kept: then the oldest are gone.
    private byte[]? _packed;
    private List<LedgerLine>? _newest;

    /// <summary>Those that are kept, the oldest first.</summary>
    public List<LedgerLine> Lines
    {
        get
        {
            Unpack();
            return _newest ??= new List<LedgerLine>(2);
        }
    }

    public long this[PointsAccount account] => (int)account < _balances.Length ? _balances[(int)account] : 0;

    /// <summary>By account, without the zeros at the end; at least the first two.</summary>
    public ReadOnlySpan<long> Balances
    {
        get
        {
            var count = _balances.Length;
            while (count > 2 && _balances[count - 1] == 0)
                count--;
            return _balances.AsSpan(0, count);
        }
    }

    /// <param name="balances">What <see cref="Balances"/> gave.</param>
    public static PointsLedger With(ReadOnlySpan<long> balances)
    {
        var ledger = new PointsLedger();
        if (balances.Length > UsualAccounts)
            ledger._balances = new long[Accounts];
        balances.CopyTo(ledger._balances);
        return ledger;
    }

    /// <summary>Zero unless the ledger is broken.</summary>
    public long Sum => _balances.Sum();

    /// <summary>The newest lines, the oldest of them first.</summary>
    /// <param name="lines">Has room for <see cref="Bounds.LedgerLinesMax"/>.</param>
    /// <returns>How many there are.</returns>
    public int CopyTo(Span<LedgerLine> lines)
    {
        var packed = new PackedReader(_packed);
        var packedCount = packed.IsAtEnd ? 0 : packed.ReadCount();
        var newest = CollectionsMarshal.AsSpan(_newest);
        var skip = Math.Max(0, packedCount + newest.Length - Bounds.LedgerLinesMax);
        var (offset, timeMs, count) = (0L, 0L, 0);
        for (var i = 0; i < packedCount; i++)
        {
            var accounts = packed.Read(3);
            var (from, to, reason) = ((PointsAccount)accounts[0], (PointsAccount)accounts[1], (PointsReason)accounts[2]);
            (offset, timeMs) = (offset + packed.ReadNumber(), timeMs + packed.ReadNumber());
            var line = new LedgerLine(offset, timeMs, from, to, packed.ReadNumber(), reason, packed.ReadKey());
            if (i >= skip)
                lines[count++] = line;
        }

        newest.CopyTo(lines[count..]);
        return count + newest.Length;
    }

    /// <summary>Keeps the lines as bytes until somebody asks for them.</summary>
    public void Pack()
    {
        if (_newest is null)
            return;
        Span<LedgerLine> lines = stackalloc LedgerLine[Bounds.LedgerLinesMax];
        Pack(lines[..CopyTo(lines)]);
    }

    /// <summary>Packs lines that have joined packed ones. What had to be unpacked may be asked for again before it is stored.</summary>
    public void PackNew()
    {
        if (_packed is not null || _newest?.Count <= UsualNew)
            Pack();
    }

    /// <summary>Replaces the lines.</summary>
    public void Pack(ReadOnlySpan<LedgerLine> lines)
    {
        var writer = _writer ??= new PackedWriter();
        writer.Clear();
        writer.WriteCount(lines.Length);
        var before = default(LedgerLine);
        foreach (ref readonly var line in lines)
        {
            writer.Write([(byte)line.From, (byte)line.To, (byte)line.Reason]);
            writer.WriteNumber(line.Offset - before.Offset);
            writer.WriteNumber(line.TimeMs - before.TimeMs);
            writer.WriteNumber(line.Points);
            writer.WriteKey(line.Order);
            before = line;
        }

        (_packed, _newest) = (writer.Written.ToArray(), null);
    }

    public void Post(in LedgerLine line)
    {
        if (line.Points <= 0 || line.From == line.To)
            throw new InvalidOperationException("A ledger line moves a positive number of points between two accounts.");
        if (Math.Max((int)line.From, (int)line.To) >= _balances.Length)
            Array.Resize(ref _balances, Accounts);
        _balances[(int)line.From] = checked(_balances[(int)line.From] - line.Points);
        _balances[(int)line.To] = checked(_balances[(int)line.To] + line.Points);
        var newest = _newest ??= new List<LedgerLine>(1);
        if (newest.Count == Bounds.LedgerLinesMax)
            newest.RemoveAt(0);
        newest.Add(line);
    }

    private void Unpack()
    {
        if (_packed is null)
            return;
        Span<LedgerLine> lines = stackalloc LedgerLine[Bounds.LedgerLinesMax];
        lines = lines[..CopyTo(lines)];
        _newest = new List<LedgerLine>(lines.Length);
        _newest.AddRange(lines);
        _packed = null;
    }
}
