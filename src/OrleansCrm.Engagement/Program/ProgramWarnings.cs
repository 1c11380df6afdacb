using OrleansCrm.Engagement.Consent;

namespace OrleansCrm.Engagement.Program;

/// <summary>What is allowed and probably not meant.</summary>
public static class ProgramWarnings
{
    /// <returns>In words, each with the field that it is about in front; ASCII, so that a header can carry them.</returns>
    public static string[] Of(ProgramDocument program)
    {
        var warnings = new List<string>();
        var unheard = AlertPolicies(program).Where(alert => alert.Policy.Enabled && alert.Policy.Purpose.Length > 0 && !IsSpokenOf(program, alert.Policy.Purpose));
        foreach (var purpose in unheard.GroupBy(alert => alert.Policy.Purpose, alert => alert.Kind))
        {
            warnings.Add(
                $"consent: says nothing of {purpose.Key}, so only customers who have granted it themselves raise {string.Join(", ", purpose)}; "
                + "the section replaces the default as a whole");
        }

        for (var i = 0; i < program.Triggers.Policies.Count; i++)
        {
            var policy = program.Triggers.Policies[i];
            if (policy.Enabled && !program.Offers.Any(offer => MayOffer(policy, offer)))
                warnings.Add(FormattableString.Invariant($"triggers.policies[{i}]: has nothing to offer; an offer that asks for a cart, or costs a share of it, is not one that comes unasked"));
        }

        return [.. warnings];
    }

    private static IEnumerable<(string Kind, AlertPolicy Policy)> AlertPolicies(ProgramDocument program) =>
        [(ChurnAlertRules.Kind, program.Alerts.ChurnRisk), .. program.Alerts.Policies.Select(policy => (policy.Kind, (AlertPolicy)policy))];

    private static bool IsSpokenOf(ProgramDocument program, string purpose) =>
        program.Consent.Any(rule => rule.Purpose == purpose && rule.Channel == Consents.EveryChannel);

    private static bool MayOffer(TriggerPolicy policy, Offer offer) =>
        (policy.Offers.Count == 0 || policy.Offers.Contains(offer.Id))
        && (offer.Placements.Count == 0 || offer.Placements.Contains(policy.Placement))
        && offer is { CostsByCart: false, Cart: { FromMicros: 0, UntilMicros: 0, Products: null or { Count: 0 } } };
}
