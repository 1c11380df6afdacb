using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// What a purchase changes about churn, by itself: the history boiled down, and the instants at which the customer becomes at risk and lost.
/// The fold does the same within a customer's state.
/// </summary>
public struct PurchaseTrack
{
    private PurchaseScan _purchases;

    /// <summary>Takes the next purchase in time order.</summary>
    /// <param name="asOfMs">Instant for which what moves with time is worked out.</param>
    public ChurnOutlook Buy(long timeMs, ProgramDocument program, long asOfMs)
    {
        _purchases.Add(timeMs, program.Lifecycle.LoyaltyPurchaseDays);
        var instants = ChurnInstants.Of(_purchases, program.Churn);
        var silence = ChurnInstants.SilenceAt(_purchases, asOfMs);
        var history = _purchases.History;
        return new ChurnOutlook(
            program.Churn.RiskOf(history, silence),
            program.Churn.Model.ProbabilityAlive(history, silence),
            program.Churn.Model.ExpectedOrders(history, silence, program.Churn.Horizon),
            instants.AtRiskMs,
            instants.LostMs);
    }
}

/// <param name="ExpectedOrders">Within the horizon.</param>
/// <param name="AtRiskMs">Unix milliseconds; 0 for never.</param>
/// <param name="LostMs">Unix milliseconds; 0 for never.</param>
public readonly record struct ChurnOutlook(double Risk, double ProbabilityAlive, double ExpectedOrders, long AtRiskMs, long LostMs);
