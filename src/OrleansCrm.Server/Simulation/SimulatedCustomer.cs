using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Server.Simulation;

/// <summary>The truth about one customer, which no storefront ever knows.</summary>
/// <param name="Rate">Purchases a week while alive.</param>
/// <param name="Dropout">Probability of leaving for good at a purchase.</param>
/// <param name="DiedMs">The purchase after which the customer left, Unix milliseconds; null when alive at the end.</param>
/// <param name="PurchasesMs">Instants of all purchases up to the end, rising; at least one.</param>
internal sealed record SimulatedCustomer(int Number, double Rate, double Dropout, long? DiedMs, long[] PurchasesMs)
{
    /// <summary>What all orders were worth.</summary>
    public long BoughtCents { get; set; }

    /// <summary>What of it was taken back.</summary>
    public long RefundedCents { get; set; }

    private const double MsPerWeek = 7 * 24 * 3600 * 1000.0;

    /// <summary>First purchases lie evenly over the whole history; the rest follows the model.</summary>
    public static SimulatedCustomer Draw(PurchaseModel model, SeededRandom random, int number, long startMs, long endMs)
    {
        var rate = random.Gamma(model.R, model.Alpha);
        var dropout = random.Beta(model.A, model.B);
        var purchases = new List<long>();
        long? died = null;
        for (var at = startMs + random.Uniform() * (endMs - startMs); at <= endMs; at += random.Exponential(rate) * MsPerWeek)
        {
            var ms = (long)at;
            purchases.Add(purchases.Count > 0 ? Math.Max(ms, purchases[^1] + 1) : ms);
            if (!random.Chance(dropout))
                continue;
            died = purchases[^1];
            break;
        }

        return new SimulatedCustomer(number, rate, dropout, died, [.. purchases]);
    }
}
