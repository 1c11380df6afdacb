using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn;

/// <summary>What a customer will still bring within a horizon.</summary>
public static class LifetimeValue
{
    /// <summary>
    /// The sum over whole weeks i of (E[Y(i)] - E[Y(i-1)]) / (1 + d)^i: expected orders, each discounted from the end of its week; what
    /// is left of the horizon counts as its last week. Times margin and expected order value it is the customer lifetime value. Finite
    /// by choice: the endless sum is mostly the model's tail (it differs twofold between models for a one-time buyer).
    /// </summary>
    /// <param name="weeklyDiscount">d per week, 0 and up; 15% a year is 0.00269.</param>
    public static double DiscountedOrders(IChurnModel model, in PurchaseHistory history, Weeks silence, Weeks horizon, double weeklyDiscount)
    {
        var sum = 0.0;
        var before = 0.0;
        var factor = 1.0;
        for (var week = 1; week - 1 < horizon.Count; week++)
        {
            factor /= 1 + weeklyDiscount;
            var until = model.ExpectedOrders(history, silence, new Weeks(Math.Min(week, horizon.Count)));
            sum += (until - before) * factor;
            before = until;
        }

        return sum;
    }

    /// <summary>Discount per week of so much a year (52 weeks): ln(1 + yearly) / 52, as a rate per week.</summary>
    public static double WeeklyDiscount(double yearly) => Real.Expm1(Real.Log1p(yearly) / 52);
}
