namespace OrleansCrm.Server.WhatIf;

/// <summary>One segment as it is and as it would be, and who would move.</summary>
internal sealed class SegmentMoves
{
    /// <summary>Customers who are named each way.</summary>
    private const int NamedMax = 100;

    public Pair Customers { get; } = new();

    public long Enter { get; private set; }

    public long Leave { get; private set; }

    public List<string> Entering { get; } = [];

    public List<string> Leaving { get; } = [];

    public void Add(string customer, bool isIn, bool wouldBeIn)
    {
        Customers.Add(isIn ? 1 : 0, isCandidate: false);
        Customers.Add(wouldBeIn ? 1 : 0, isCandidate: true);
        if (isIn == wouldBeIn)
            return;
        (Enter, Leave) = wouldBeIn ? (Enter + 1, Leave) : (Enter, Leave + 1);
        var named = wouldBeIn ? Entering : Leaving;
        if (named.Count < NamedMax)
            named.Add(customer);
    }
}
