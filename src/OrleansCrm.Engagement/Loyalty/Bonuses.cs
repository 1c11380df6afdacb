using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Points that are not for orders. Only what a server sends earns: anybody can send with a browser's key.</summary>
internal static class Bonuses
{
    private const ulong Once = 1;

    /// <summary>A customer was identified: the first time, by the events' own times, is the sign-up.</summary>
    public static void SignUp(CustomerState state, ref FoldStep step)
    {
        var rules = step.Program.Loyalty;
        if (rules.Bonuses.Welcome == 0 || state.FirstSeenMs < rules.Bonuses.WelcomeFromMs)
            return;
        var timeMs = step.Entry.TimeMs;
        var place = state.Loyalty?.Credits?.FindIndex(c => c.Cause == PointsCause.Welcome) ?? -1;
        if (place >= 0)
        {
            if (state.Loyalty!.Credits![place].TimeMs <= timeMs)
                return;
            LoyaltyFold.Touch(state, ref step);
            state.Loyalty.Credits.RemoveAt(place);
        }

        LoyaltyFold.Give(
            state, new Credit(PointsCause.Welcome, Once, timeMs, rules.Bonuses.Welcome, LoyaltyFold.ExpiryOf(rules, timeMs)), ref step);
    }

    /// <param name="review">Natural key of the review; the same one earns once.</param>
    public static void Review(CustomerState state, ulong review, ref FoldStep step)
    {
        var rules = step.Program.Loyalty;
        if (rules.Bonuses.Review == 0)
            return;
        var timeMs = step.Entry.TimeMs;
        var year = YearOf(timeMs);
        var earned = 0;
        foreach (var credit in state.Loyalty?.Credits ?? [])
            earned += credit.Cause == PointsCause.Review && YearOf(credit.TimeMs) == year ? 1 : 0;
        if (earned < rules.Bonuses.ReviewsPerYear)
        {
            LoyaltyFold.Give(
                state, new Credit(PointsCause.Review, review, timeMs, rules.Bonuses.Review, LoyaltyFold.ExpiryOf(rules, timeMs)), ref step);
        }
    }

    private static int YearOf(long timeMs) => Rendering.TimeOf(timeMs).Year;
}
