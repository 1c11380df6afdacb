namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum PointsAccount : byte
{
    /// <summary>Where points come from and go back to: the program's side, minus what is in customers' hands.</summary>
    Issued = 0,

    /// <summary>What the customer can spend.</summary>
    Available = 1,

    /// <summary>
    /// Given up by one id of a person and taken over by another: the two customers' balances of it are opposite, or one of them has yet to
    /// book. Which id it is about stands in the line.
    /// </summary>
    InTransit = 2,
}

/// <summary>Why points moved. Numbers are stored: they may only grow.</summary>
internal enum PointsReason : byte
{
    Earned = 1,

    /// <summary>Taken back: the order was refunded, cancelled or corrected downwards.</summary>
    Reversed = 2,

    /// <summary>Handed over from one id of a person to another.</summary>
    Moved = 3,
}

/// <summary>One movement: <paramref name="Points"/> (above 0) leave one account and enter another.</summary>
/// <param name="Offset">The entry that caused it.</param>
/// <param name="Order">Key of the order it is about; of the other id for points that moved.</param>
internal readonly record struct LedgerLine(
    long Offset, long TimeMs, PointsAccount From, PointsAccount To, long Points, PointsReason Reason, ulong Order);

/// <summary>
/// Double-entry ledger of one customer: every movement has two sides, so the sum over all accounts is zero at every moment. The newest
/// lines are kept here; the totals cover all of them.
/// </summary>
internal sealed class PointsLedger
{
    private const int Accounts = 3;

    private readonly long[] _balances = new long[Accounts];

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

    public long this[PointsAccount account]
    {
        get => _balances[(int)account];
        init => _balances[(int)account] = value;
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
        _balances[(int)line.From] = checked(_balances[(int)line.From] - line.Points);
        _balances[(int)line.To] = checked(_balances[(int)line.To] + line.Points);
        if (Lines.Count == Customers.Bounds.LedgerLinesMax)
            Lines.RemoveAt(0);
        Lines.Add(line);
    }
}
