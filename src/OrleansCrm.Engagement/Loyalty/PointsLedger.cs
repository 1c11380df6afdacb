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

    private long[] _balances = new long[UsualAccounts];

    private List<LedgerLine>? _lines;
    private Customers.CustomerState? _packedIn;

    public List<LedgerLine> Lines
    {
        get
        {
            _packedIn?.UnpackHistory();
            return _lines ??= new List<LedgerLine>(2);
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

    /// <summary>The state keeps the lines.</summary>
    public void Pack(Customers.CustomerState state) => (_lines, _packedIn) = (null, state);

    /// <param name="lines">Those that the state has kept.</param>
    public void Unpack(List<LedgerLine> lines)
    {
        if (_packedIn is not null)
            (_lines, _packedIn) = (lines, null);
    }

    public void Post(in LedgerLine line)
    {
        if (line.Points <= 0 || line.From == line.To)
            throw new InvalidOperationException("A ledger line moves a positive number of points between two accounts.");
        if (Math.Max((int)line.From, (int)line.To) >= _balances.Length)
            Array.Resize(ref _balances, Accounts);
        _balances[(int)line.From] = checked(_balances[(int)line.From] - line.Points);
        _balances[(int)line.To] = checked(_balances[(int)line.To] + line.Points);
        if (Lines.Count == Customers.Bounds.LedgerLinesMax)
            Lines.RemoveAt(0);
        Lines.Add(line);
    }
}
