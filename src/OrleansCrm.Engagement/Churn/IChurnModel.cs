namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// A model of when customers buy and when they stop for good. Pure, allocation-free; every value is a function of the history and of
/// the silence since the last purchase.
/// </summary>
public interface IChurnModel
{
    /// <summary>Stable name, as in the program document.</summary>
    string Name { get; }

    /// <summary>Probability that the customer has not stopped for good, 0..1; falls with silence.</summary>
    double ProbabilityAlive(in PurchaseHistory history, Weeks silence);

    /// <summary>Q: probability of no purchase within the next <paramref name="horizon"/>, 0..1; rises strictly with silence.</summary>
    double HorizonRisk(in PurchaseHistory history, Weeks silence, Weeks horizon);

    /// <summary>Expected number of purchases within the next <paramref name="ahead"/>.</summary>
    double ExpectedOrders(in PurchaseHistory history, Weeks silence, Weeks ahead);

    /// <summary>The silence at which <see cref="HorizonRisk"/> reaches <paramref name="risk"/> (0..1, exclusive).</summary>
    Crossing WhenHorizonRisk(in PurchaseHistory history, Weeks horizon, double risk);

    /// <summary>The silence at which <see cref="ProbabilityAlive"/> has fallen to <paramref name="probability"/> (0..1, exclusive).</summary>
    Crossing WhenAlive(in PurchaseHistory history, double probability);
}
