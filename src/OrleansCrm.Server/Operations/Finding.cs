namespace OrleansCrm.Server.Operations;

internal enum Verdict
{
    Good,

    /// <summary>It runs, but not for long or not well.</summary>
    Doubtful,

    /// <summary>It does not run, or would lose something.</summary>
    Bad,
}

/// <param name="Advice">What to do; empty when all is well.</param>
internal sealed record Finding(string Subject, Verdict Verdict, string Seen, string Advice = "");
