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

    /// <summary>Alerts that rise from signals, sorted by kind.</summary>
    public IReadOnlyList<SignalPolicy> Policies
    {
        get => _policies;
        init => _policies = [.. value.OrderBy(p => p.Kind, StringComparer.Ordinal)];
    }

    /// <summary>Every desk that an alert can be sent to.</summary>
    public IEnumerable<string> Desks => new[] { ChurnRisk.Desk, Escalation.Desk }.Concat(_policies.Select(p => p.Desk)).Concat(Routing.Select(r => r.Desk)).Where(d => d.Length > 0);

    internal ReadOnlySpan<SignalPolicy> PolicyList => _policies;

    internal IEnumerable<Condition> Conditions => new[] { ChurnRisk.When }.Concat(_policies.Select(p => p.When)).Concat(Routing.Select(r => r.When)).OfType<Condition>();

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
