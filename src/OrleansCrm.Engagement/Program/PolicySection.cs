using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// <c>alerts.policies</c> as JSON: by kind, each with its signal and the numbers that this one looks at. A kind that the default program has
/// takes its defaults for what is not said; another one names its signal.
/// </summary>
internal static class PolicySection
{
    public static IReadOnlyList<SignalPolicy> Read(ProgramSection section, ConditionReader conditions)
    {
        var policies = SignalPolicy.Defaults.ToDictionary(p => p.Kind, StringComparer.Ordinal);
        foreach (var kind in section.Names())
        {
            if (!ProgramReader.IsDesk(kind) || kind == ChurnAlertRules.Kind)
                section.Fault(kind, "must be 1 to 64 of a-z, 0-9, hyphen and underscore, and not churn_risk");
            else if (ReadPolicy(section.Section(kind), kind, policies.GetValueOrDefault(kind), conditions) is { } policy)
                policies[kind] = policy;
        }

        if (policies.Count > AlertRules.PoliciesMax)
            section.Fault("", FormattableString.Invariant($"must have at most {AlertRules.PoliciesMax} kinds, the default ones included"));
        return [.. policies.Values];
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<SignalPolicy> policies)
    {
        json.WriteStartObject("policies");
        foreach (var policy in policies)
        {
            json.WriteStartObject(policy.Kind);
            WriteFields(json, policy);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public static void WriteFields(Utf8JsonWriter json, SignalPolicy policy)
    {
        json.WriteString("signal", SignalWords.Of(policy.Signal));
        ProgramWriter.WritePolicy(json, policy);
        json.WriteString("severityMin", policy.SeverityMin);
        ProgramWriter.WriteMicros(json, "valueMin", policy.ValueMinMicros);
        json.WriteNumber("coolDownDays", policy.CoolDownDays);
        WriteNumbers(json, policy);
    }

    private static SignalPolicy? ReadPolicy(ProgramSection section, string kind, SignalPolicy? standard, ConditionReader conditions)
    {
        var word = section.Text(
            "signal", standard is null ? "" : SignalWords.Of(standard.Signal), w => SignalWords.Find(w) is not null, string.Join(", ", SignalWords.All));
        if (SignalWords.Find(word) is not { } signal)
        {
            if (!section.Has("signal"))
                section.Fault("signal", "must be " + string.Join(", ", SignalWords.All));
            return null;
        }

        standard = standard is null || standard.Signal != signal ? SignalPolicy.Defaults.First(p => p.Signal == signal) with { Kind = kind } : standard;
        var policy = ReadNumbers(section, ProgramReader.ReadPolicy(section, standard, conditions) with
        {
            SeverityMin = section.Text("severityMin", standard.SeverityMin, w => AlertWords.Severities.Contains(w), string.Join(", ", AlertWords.Severities)),
            ValueMinMicros = section.Micros("valueMin", standard.ValueMinMicros, 0m, 1e9m),
            CoolDownDays = (int)section.Integer("coolDownDays", standard.CoolDownDays, 0, 365),
        });
        section.RefuseOthers();
        return policy;
    }

    private static SignalPolicy ReadNumbers(ProgramSection section, SignalPolicy policy)
    {
        if (HasForDays(policy.Signal))
            policy = policy with { ForDays = (int)section.Integer("forDays", policy.ForDays, 1, 365) };
        if (HasAfterMinutes(policy.Signal))
            policy = policy with { AfterMinutes = (int)section.Integer("afterMinutes", policy.AfterMinutes, 0, 43_200) };
        if (HasCount(policy.Signal))
            policy = policy with { Count = (int)section.Integer("count", policy.Count, 1, 20) };
        if (HasWithinDays(policy.Signal))
            policy = policy with { WithinDays = (int)section.Integer("withinDays", policy.WithinDays, 1, 365) };
        if (HasShare(policy.Signal))
            policy = policy with { Share = section.Number("share", policy.Share, 0.05, 0.95) };
        return policy.Signal == Signal.Feedback ? policy with { BadUpTo = ReadLimits(section.Section("badUpTo"), policy.BadUpTo) } : policy;
    }

    private static AnswerLimits ReadLimits(ProgramSection section, AnswerLimits standard)
    {
        var limits = new AnswerLimits(
            (int)section.Integer("nps", standard.Nps, -1, 9),
            (int)section.Integer("csat", standard.Csat, -1, 4),
            (int)section.Integer("ces", standard.Ces, -1, 6),
            (int)section.Integer("rating", standard.Rating, -1, 4));
        section.RefuseOthers();
        return limits;
    }

    private static void WriteNumbers(Utf8JsonWriter json, SignalPolicy policy)
    {
        if (HasForDays(policy.Signal))
            json.WriteNumber("forDays", policy.ForDays);
        if (HasAfterMinutes(policy.Signal))
            json.WriteNumber("afterMinutes", policy.AfterMinutes);
        if (HasCount(policy.Signal))
            json.WriteNumber("count", policy.Count);
        if (HasWithinDays(policy.Signal))
            json.WriteNumber("withinDays", policy.WithinDays);
        if (HasShare(policy.Signal))
            json.WriteNumber("share", policy.Share);
        if (policy.Signal != Signal.Feedback)
            return;
        json.WriteStartObject("badUpTo");
        json.WriteNumber("nps", policy.BadUpTo.Nps);
        json.WriteNumber("csat", policy.BadUpTo.Csat);
        json.WriteNumber("ces", policy.BadUpTo.Ces);
        json.WriteNumber("rating", policy.BadUpTo.Rating);
        json.WriteEndObject();
    }

    private static bool HasForDays(Signal signal) => signal is not (Signal.Refunds or Signal.TierDowngrade or Signal.ChurnRisk);

    private static bool HasAfterMinutes(Signal signal) => signal is Signal.PaymentFailed or Signal.CartAbandoned or Signal.TicketUnanswered;

    private static bool HasCount(Signal signal) => signal is Signal.Refunds or Signal.PaymentFailed;

    private static bool HasWithinDays(Signal signal) => signal is Signal.Refunds or Signal.TierDowngrade;

    private static bool HasShare(Signal signal) => signal is Signal.BasketFalling or Signal.FrequencyFalling;
}
