using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// What goes with what in a shop: for each product those most often bought or looked at with it, how much it sells, and after how many days
/// it is bought again, where it is. An immutable snapshot of <see cref="ProductLearner"/>.
/// </summary>
public sealed class ProductTable
{
    public static readonly ProductTable Empty = new([], [], []);

    /// <summary>Newest purchases of a customer that recommendations start from; what lies in the cart says more than any of them.</summary>
    private const int SeedsMax = 30;
    private const double CartWeight = 3;
    private const double SeedDecayDays = 60;

    /// <summary>From this share of the usual interval on, what is bought again and again is recommended again.</summary>
    private const double DueShare = 0.5;

    private static readonly List<Recommendation> NoProducts = [];

    [ThreadStatic]
    private static Dictionary<ulong, Candidate>? _scratch;

    [ThreadStatic]
    private static List<Bought>? _boughtScratch;

    [ThreadStatic]
    private static List<Bought>? _linesScratch;

    private readonly Dictionary<ulong, KnownProduct> _products;
    private readonly ulong[] _popular;
    private readonly Dictionary<string, ulong[]> _popularByCategory;

    internal ProductTable(Dictionary<ulong, KnownProduct> products, ulong[] popular, Dictionary<string, ulong[]> popularByCategory) =>
        (_products, _popular, _popularByCategory) = (products, popular, popularByCategory);

    /// <summary>At most <paramref name="limit"/> products, best first.</summary>
    internal List<Recommendation> Recommend(CustomerState state, DecisionQuestion question, int limit, long nowMs) =>
        _products.Count == 0 ? NoProducts : Recommend(BoughtBy(state), question.Lines, limit, nowMs);

    /// <param name="bought">Newest first.</param>
    internal List<Recommendation> Recommend(List<Bought> bought, CartLine[] cart, int limit, long nowMs)
    {
        var candidates = _scratch ?? [];
        _scratch = null;
        candidates.Clear();
        foreach (var line in cart)
            AddSimilar(candidates, Resolve(line.Sku), CartWeight);
        for (var i = 0; i < bought.Count && i < SeedsMax; i++)
            AddSimilar(candidates, bought[i].Key, Real.Exp(-DaysSince(bought[i].TimeMs, nowMs) / SeedDecayDays));
        foreach (var item in bought)
            Reconsider(candidates, item, nowMs);
        foreach (var line in cart)
            candidates.Remove(Resolve(line.Sku));

        var chosen = new List<Recommendation>(limit);
        foreach (var (key, candidate) in candidates)
        {
            if (candidate.Score > 0)
                Insert(chosen, new Recommendation(_products[key].Sku, Rendering.Rounded(candidate.Score), candidate.IsDue ? "replenish" : "bought_together"), limit);
        }

        _scratch = candidates;
        AddPopular(chosen, bought, cart, limit);
        return chosen;
    }

    internal static ulong KeyOf(string sku) => EventReader.HashOf(sku, "");

    /// <summary>What the customer has bought, newest first, each product once; good until the thread asks again.</summary>
    private static List<Bought> BoughtBy(CustomerState state)
    {
        const int ProductsMax = 200;
        var (bought, oldestFirst) = (_boughtScratch ??= new List<Bought>(ProductsMax), _linesScratch ??= []);
        bought.Clear();
        oldestFirst.Clear();
        foreach (var order in state.ReadOrders())
        {
            for (var i = order.IsPurchase && order.Lines is { } lines ? lines.Length - 1 : -1; i >= 0; i--)
                oldestFirst.Add(new Bought(order.Lines![i].Key, order.PlacedMs));
        }

        for (var i = oldestFirst.Count - 1; i >= 0 && bought.Count < ProductsMax; i--)
        {
            if (!Contains(bought, oldestFirst[i].Key))
                bought.Add(oldestFirst[i]);
        }

        return bought;
    }

    private ulong Resolve(string sku) => KeyOf(sku) is var key && _products.TryGetValue(key, out var product) ? product.Key : key;

    private static bool Contains(List<Bought> bought, ulong key)
    {
        foreach (var item in bought)
        {
            if (item.Key == key)
                return true;
        }

        return false;
    }

    private static bool Contains(List<Recommendation> chosen, string sku)
    {
        foreach (var recommended in chosen)
        {
            if (recommended.Sku == sku)
                return true;
        }

        return false;
    }

    private static bool Contains(CartLine[] cart, string sku)
    {
        foreach (var line in cart)
        {
            if (line.Sku == sku)
                return true;
        }

        return false;
    }

    private static double DaysSince(long timeMs, long nowMs) => Math.Max(0, nowMs - timeMs) / (double)UtcDay.Ms;

    private void AddSimilar(Dictionary<ulong, Candidate> candidates, ulong seed, double weight)
    {
        if (!_products.TryGetValue(seed, out var product))
            return;
        foreach (var (other, score) in product.Similar)
        {
            ref var candidate = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(candidates, other, out _);
            candidate = candidate with { Score = candidate.Score + weight * score };
        }
    }

    // What somebody has he does not need, unless it is used up.
    private void Reconsider(Dictionary<ulong, Candidate> candidates, in Bought item, long nowMs)
    {
        if (_products.TryGetValue(item.Key, out var product) && product.ReplenishDays > 0)
        {
            var share = DaysSince(item.TimeMs, nowMs) / product.ReplenishDays;
            if (share >= DueShare)
            {
                candidates[item.Key] = new Candidate(candidates.GetValueOrDefault(item.Key).Score + product.RepeatShare * Math.Min(1, share), IsDue: true);
                return;
            }
        }

        candidates.Remove(item.Key);
    }

    private void AddPopular(List<Recommendation> chosen, List<Bought> bought, CartLine[] cart, int limit)
    {
        foreach (var line in cart)
        {
            var category = line.Category.Length > 0 ? line.Category : _products.GetValueOrDefault(Resolve(line.Sku))?.Category ?? "";
            AddPopular(chosen, _popularByCategory.GetValueOrDefault(category, []), bought, cart, limit);
        }

        if (bought.Count > 0 && _products.TryGetValue(bought[0].Key, out var newest))
            AddPopular(chosen, _popularByCategory.GetValueOrDefault(newest.Category, []), bought, cart, limit);
        AddPopular(chosen, _popular, bought, cart, limit);
    }

    private void AddPopular(List<Recommendation> chosen, ulong[] popular, List<Bought> bought, CartLine[] cart, int limit)
    {
        foreach (var key in popular)
        {
            if (chosen.Count >= limit)
                return;
            var product = _products[key];
            if (!Contains(bought, key) && !Contains(chosen, product.Sku) && !Contains(cart, product.Sku))
                chosen.Add(new Recommendation(product.Sku, 0, "popular"));
        }
    }

    private static void Insert(List<Recommendation> chosen, in Recommendation candidate, int limit)
    {
        var place = chosen.Count;
        while (place > 0 && IsBetter(candidate, chosen[place - 1]))
            place--;
        if (place >= limit)
            return;
        if (chosen.Count == limit)
            chosen.RemoveAt(limit - 1);
        chosen.Insert(place, candidate);
    }

    // Of two equal ones always the same: the order of a dictionary means nothing.
    private static bool IsBetter(in Recommendation x, in Recommendation y) =>
        x.Score > y.Score || (x.Score == y.Score && string.CompareOrdinal(x.Sku, y.Sku) < 0);

    private readonly record struct Candidate(double Score, bool IsDue);
}

/// <param name="Reason">bought_together, replenish or popular.</param>
internal readonly record struct Recommendation(string Sku, double Score, string Reason);

/// <param name="Key">Hash of the product's id.</param>
internal readonly record struct Bought(ulong Key, long TimeMs);

/// <param name="Similar">Best first.</param>
/// <param name="ReplenishDays">Usual days until the same customer buys it again; 0 where it is not bought again and again.</param>
/// <param name="RepeatShare">Of its purchases those that were not the customer's first.</param>
internal sealed record KnownProduct(ulong Key, string Sku, string Category, (ulong Key, double Score)[] Similar, double ReplenishDays, double RepeatShare);
