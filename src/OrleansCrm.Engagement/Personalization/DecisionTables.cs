using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// What a process has learned about a tenant's offers and products: an immutable snapshot. The fold never reads it; a decision notes what
/// it took from it.
/// </summary>
public sealed class DecisionTables
{
    /// <summary>Of a process that has learned nothing yet.</summary>
    public static readonly DecisionTables Empty = new();

    // What a decision that is worked out again took from the tables of then; null for tables that know for themselves.
    private readonly Dictionary<string, OfferOdds>? _noted;
    private readonly List<Recommendation>? _notedProducts;

    private DecisionTables(Dictionary<string, OfferOdds>? noted = null, List<Recommendation>? products = null) =>
        (_noted, _notedProducts) = (noted, products);

    /// <summary>Counts the snapshots of this process.</summary>
    public long Version { get; private init; }

    public OfferTable Offers { get; private init; } = OfferTable.Empty;

    public ProductTable Products { get; private init; } = ProductTable.Empty;

    /// <summary>The next snapshot, with another table of offers.</summary>
    public DecisionTables With(OfferTable offers) => new() { Version = Version + 1, Offers = offers, Products = Products };

    /// <summary>The next snapshot, with another table of products.</summary>
    public DecisionTables With(ProductTable products) => new() { Version = Version + 1, Offers = Offers, Products = products };

    internal static DecisionTables Noted(long version, Dictionary<string, OfferOdds> odds, List<Recommendation> products) =>
        new(odds, products) { Version = version };

    internal List<Recommendation> Recommend(CustomerState state, DecisionQuestion question, long nowMs) =>
        _notedProducts ?? Products.Recommend(state, question, question.Limit, nowMs);

    /// <summary>Says of each offer that is eligible how likely it is the best.</summary>
    /// <param name="eligible">Places in <paramref name="verdicts"/>.</param>
    internal void Weigh(OfferVerdict[] verdicts, List<int> eligible, byte bucket)
    {
        if (eligible.Count == 0)
            return;
        var offers = new Offer[eligible.Count];
        for (var i = 0; i < offers.Length; i++)
            offers[i] = verdicts[eligible[i]].Offer;
        var propensities = _noted is null ? Offers.Propensities(offers, bucket) : [];
        for (var i = 0; i < offers.Length; i++)
        {
            ref var verdict = ref verdicts[eligible[i]];
            if (_noted is not null)
            {
                verdict.Odds = _noted.GetValueOrDefault(offers[i].Id);
                continue;
            }

            var (shown, converted) = Offers.Of(offers[i].Key, bucket);
            verdict.Odds = new OfferOdds(propensities[i], Rendering.Rounded(shown), Rendering.Rounded(converted));
        }
    }
}
