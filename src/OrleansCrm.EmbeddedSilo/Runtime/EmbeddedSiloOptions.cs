namespace OrleansCrm.EmbeddedSilo;

/// <summary>What only the embedded silo has. Most of it is for tests, to show what several processes would show.</summary>
internal sealed class EmbeddedSiloOptions
{
    /// <summary>How many collectable activations may be resident; the longest unused go first. Default 200,000, at least 1:
    /// with a few kilobytes of state each that stays under a gigabyte.</summary>
    public int ResidentActivationsMax { get; set; } = 200_000;

    /// <summary>Copies arguments and results as a call to another process would, and refuses types that could not cross.</summary>
    public bool CopiesValues { get; set; }

    /// <summary>Trouble to make; null for none.</summary>
    public FaultOptions? Faults { get; set; }
}

/// <summary>Trouble that real clusters make, drawn from a seed. Probabilities are per call.</summary>
internal sealed class FaultOptions
{
    /// <summary>The same seed gives the same draws in the same order.</summary>
    public int Seed { get; set; }

    /// <summary>Which grain classes are spared, by name of the class; none by default.</summary>
    public HashSet<string> Spared { get; } = [];

    /// <summary>A call arrives late.</summary>
    public double Delay { get; set; }

    /// <summary>How late at most.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The caller gets a timeout at once although the call runs.</summary>
    public double LostAnswer { get; set; }

    /// <summary>The caller gets a timeout and the call never runs.</summary>
    public double LostCall { get; set; }

    /// <summary>The activation vanishes as in a crash, before the call reaches it.</summary>
    public double Crash { get; set; }

    /// <summary>A second activation is made while the first goes on.</summary>
    public double Double { get; set; }
}
