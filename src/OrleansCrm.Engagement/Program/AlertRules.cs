using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;

namespace OrleansCrm.Engagement.Program;

/// <summary>What agents are told of, and how.</summary>
public sealed record AlertRules
{
    /// <summary>Policies of a program, the default ones included; each is asked after every entry that changed facts.</summary>
    public const int PoliciesMax = 30;

    private readonly SignalPolicy[] _policies = [.. SignalPolicy.Defaults];

    public ChurnAlertRules ChurnRisk { get; init; } = new();

    public ControlGroup ControlGroup { get; init; } = new();

    public EscalationRules Escalation { get; init; } = new();

    /// <summary>Which desk gets an alert; the first that fits. At most 50, none by default: all go to the desk of their policy.</summary>
    public IReadOnlyList<RoutingRule> Routing { get; init; } = [];

    /// <summary>By name; those that are not named have the defaults. At most 50.</summary>
    public IReadOnlyDictionary<string, DeskRules> DeskRules { get; init; } = new SortedList<string, DeskRules>(StringComparer.Ordinal);

    /// <summary>What an agent has to know for which alerts. At most 50, none by default.</summary>
    public IReadOnlyList<SkillRule> Skills { get; init; } = [];

    /// <summary>What agents know and how much they take, by address. At most 1,000.</summary>
    public IReadOnlyList<AgentRule> Agents { get; init; } = [];

    /// <summary>Alerts that rise from signals, sorted by kind.</summary>
    public IReadOnlyList<SignalPolicy> Policies
    {
        get => _policies;
        init => _policies = [.. value.OrderBy(p => p.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Every desk that an alert can be sent to.</summary>
    public IEnumerable<string> Desks => new[] { ChurnRisk.Desk, Escalation.Desk }.Concat(_policies.Select(p => p.Desk)).Concat(Routing.Select(r => r.Desk))
        .Concat(DeskRules.Keys).Where(d => d.Length > 0);

    internal ReadOnlySpan<SignalPolicy> PolicyList => _policies;

    internal IEnumerable<Condition> Conditions => new[] { ChurnRisk.When }.Concat(_policies.Select(p => p.When)).Concat(Routing.Select(r => r.When))
        .Concat(Skills.Select(s => s.When)).OfType<Condition>();

    public DeskRules DeskOf(string desk) => DeskRules.TryGetValue(desk, out var rules) ? rules : Program.DeskRules.Standard;

    internal long DueAfterMs(AlertPolicy policy, string desk, AlertSeverity severity) =>
        60_000 * (DeskOf(desk).DueMinutes ?? policy.DueMinutes).Of(severity);

    internal SignalPolicy? PolicyOf(string kind)
    {
        foreach (var policy in _policies)
        {
            if (policy.Kind == kind)
                return policy;
        }

        return null;
    }

    internal IReadOnlyList<SuggestedAction> ActionsOf(string kind) =>
        kind == ChurnAlertRules.Kind ? ChurnRisk.SuggestedActions : PolicyOf(kind)?.SuggestedActions ?? [];
}
