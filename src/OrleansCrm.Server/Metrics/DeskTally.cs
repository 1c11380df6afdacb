using OrleansCrm.Journal;

namespace OrleansCrm.Server.Metrics;

/// <summary>Alerts that are over, in numbers.</summary>
/// <param name="Outcomes">Of those resolved, by the agents' word, most frequent first; beyond the twentieth together as <c>other</c>.</param>
internal sealed record DeskTally(
    int Resolved, int Withdrawn, SlaTally Sla, DurationTally TimeToClaim, DurationTally TimeToResolve, Dictionary<string, int> Outcomes)
{
    private const int OutcomesMax = 20;
    private const string Other = "other";

    /// <param name="overdue">Alerts that were due in this time and are unfinished.</param>
    public static DeskTally Of(FinishedAlert[] finished, int overdue)
    {
        var resolved = Array.FindAll(finished, f => f.IsResolved);
        var outcomes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var outcome in resolved.GroupBy(f => f.Outcome, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
        {
            var name = outcomes.Count < OutcomesMax ? outcome.Key : Other;
            outcomes[name] = outcomes.GetValueOrDefault(name) + outcome.Count();
        }

        var met = resolved.Count(f => f.FinishedMs <= f.DueMs);
        return new DeskTally(
            resolved.Length,
            finished.Length - resolved.Length,
            SlaTally.Of(met, resolved.Length - met + overdue),
            DurationTally.Of(finished.Where(f => f.TakenMs > 0).Select(f => f.TakenMs - f.RecordedMs)),
            DurationTally.Of(resolved.Select(f => f.FinishedMs - f.RecordedMs)),
            outcomes);
    }
}

/// <param name="Share">Null where nothing was due.</param>
internal sealed record SlaTally(int Met, int Missed, double? Share)
{
    public static SlaTally Of(int met, int missed) => new(met, missed, met + missed == 0 ? null : Math.Round((double)met / (met + missed), 4));
}

/// <summary>Seconds, by nearest rank: each is one that was measured.</summary>
internal sealed record DurationTally(int Count, double? P50, double? P90)
{
    public static DurationTally Of(IEnumerable<long> milliseconds)
    {
        var sorted = milliseconds.Select(ms => Math.Max(0, ms)).Order().ToArray();
        return new DurationTally(sorted.Length, At(sorted, 0.5), At(sorted, 0.9));
    }

    private static double? At(long[] sorted, double share) =>
        sorted.Length == 0 ? null : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)] / 1_000.0;
}
