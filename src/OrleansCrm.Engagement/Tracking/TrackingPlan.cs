namespace OrleansCrm.Engagement.Tracking;

public enum TrackingMode
{
    Unknown = 0,

    /// <summary>The schema is kept and not looked at.</summary>
    Allow = 1,

    /// <summary>An event that does not fit is taken and counted.</summary>
    Warn = 2,

    /// <summary>An event that does not fit is refused.</summary>
    Block = 3,
}

/// <summary>What events are to look like, by name; compiled once for each program that is read.</summary>
public sealed class TrackingPlan
{
    // By the length of the name: it tells most names apart before a byte is compared.
    private readonly TrackingRule[]?[] _byLength = [];

    /// <param name="rules">One for each event name, sorted by name.</param>
    public TrackingPlan(IReadOnlyList<TrackingRule> rules)
    {
        Rules = rules;
        var kept = rules.Where(rule => rule.Mode is TrackingMode.Warn or TrackingMode.Block).ToArray();
        if (kept.Length == 0)
            return;
        _byLength = new TrackingRule[]?[kept.Max(rule => rule.Name.Length) + 1];
        foreach (var group in kept.GroupBy(rule => rule.Name.Length))
            _byLength[group.Key] = [.. group];
    }

    public static TrackingPlan None { get; } = new([]);

    public IReadOnlyList<TrackingRule> Rules { get; }

    /// <summary>Whether no event is looked at.</summary>
    public bool IsIdle => _byLength.Length == 0;

    /// <summary>The rule for events of this name (UTF-8), null when they are not looked at.</summary>
    public TrackingRule? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length >= _byLength.Length || _byLength[name.Length] is not { } rules)
            return null;
        foreach (var rule in rules)
        {
            if (name.SequenceEqual(rule.Name))
                return rule;
        }

        return null;
    }
}
