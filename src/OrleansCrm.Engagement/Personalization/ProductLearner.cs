using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// Learns from orders and looks what goes together. Pairs are counted with forward decay (Cormode et al. 2009): what is newer weighs more, and
/// nothing has to be gone over when time passes. Similarity is the cosine of co-occurrence (Sarwar et al. 2001), shrunk towards none where
/// little was seen. Bounded in products, pairs and customers remembered. Not safe for two threads at once.
/// </summary>
public sealed class ProductLearner
{
    private const int ProductsMax = 100_000;
    private const int NeighboursMax = 200;
    private const int SimilarMax = 40;
    private const int BasketMax = 40;
    private const int PopularMax = 200;
    private const int TrailsMax = 25_000;
    private const double HalfLifeDays = 90;
    private const double RescaleAt = 30;

    /// <summary>A look says a fifth of what a purchase says.</summary>
    private const double LookWeight = 0.2;
    private const long LooksTogetherMs = 30 * 60_000;

    /// <summary>Co-occurrences below this many say little.</summary>
    private const double Shrinkage = 3;

    private const double RepeatsMin = 4;
    private const double RepeatShareMin = 0.25;

    private readonly Dictionary<ulong, Learned> _products = [];
    private Dictionary<ulong, Trail> _trails = [];
    private Dictionary<ulong, Trail> _olderTrails = [];
    private readonly Stack<Trail> _spareTrails = new();
    private long _landmarkMs;
    private long _newestMs;
    private bool _isChanged;

    /// <summary>Whether there is something new since the last table.</summary>
    public bool IsChanged => _isChanged;

    /// <param name="customer">A hash of whoever bought.</param>
    public void Buy(ulong customer, long timeMs, IReadOnlyList<ProductMention> basket)
    {
        var weight = WeightOf(timeMs);
        var trail = TrailOf(customer);
        var bought = trail.Bought ??= [];
        var items = new List<Learned>(basket.Count);
        foreach (var mention in basket)
        {
            if (Open(mention) is not { } product || items.Contains(product))
                continue;
            product.Bought += weight;
            if (bought.TryGetValue(mention.Key, out var beforeMs) && timeMs - beforeMs >= UtcDay.Ms)
            {
                product.Repeats += weight;
                product.IntervalLogs += weight * Real.Log((timeMs - beforeMs) / (double)UtcDay.Ms);
            }

            bought[mention.Key] = Math.Max(timeMs, beforeMs);
            if (items.Count < BasketMax)
                items.Add(product);
        }

        if (bought.Count > Trail.BoughtMax)
            Trail.ForgetOldest(bought);

        // A large basket says less of each pair in it.
        var pair = items.Count < 2 ? 0 : weight / Math.Sqrt(items.Count - 1);
        for (var i = 0; i < items.Count; i++)
        {
            for (var j = i + 1; j < items.Count; j++)
                Pair(items[i], items[j], pair);
        }
    }

    public void Look(ulong customer, long timeMs, in ProductMention mention)
    {
        if (Open(mention) is not { } product)
            return;
        var weight = LookWeight * WeightOf(timeMs);
        product.Looked += weight;
        var trail = TrailOf(customer);
        trail.Looks.RemoveAll(l => l.Product == product || Math.Abs(timeMs - l.TimeMs) > LooksTogetherMs);
        foreach (var (other, _) in trail.Looks)
            Pair(product, other, weight);
        if (trail.Looks.Count == Trail.LooksMax)
            trail.Looks.RemoveAt(0);
        trail.Looks.Add((product, timeMs));
    }

    /// <summary>What has been learned so far.</summary>
    public ProductTable Build()
    {
        _isChanged = false;
        var products = new Dictionary<ulong, KnownProduct>(_products.Count);
        foreach (var (key, product) in _products)
            products.Add(key, Describe(product));

        // Who has both an id and a SKU is found by either.
        foreach (var product in _products.Values)
            products.TryAdd(ProductTable.KeyOf(product.Sku), product.Known!);
        var popular = _products.Where(p => p.Value.Bought + p.Value.Looked > 0).OrderByDescending(p => p.Value.Bought + p.Value.Looked)
            .ThenBy(p => p.Value.Sku, StringComparer.Ordinal).ToArray();
        return new ProductTable(
            products,
            [.. popular.Take(PopularMax).Select(p => p.Key)],
            popular.Where(p => p.Value.Category.Length > 0).GroupBy(p => p.Value.Category, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Take(PopularMax).Select(p => p.Key).ToArray(), StringComparer.Ordinal));
    }

    private KnownProduct Describe(Learned product)
    {
        if (product.Known is { } known && !product.IsChanged)
            return known;
        var unit = WeightOf(_newestMs);
        var own = product.Bought + product.Looked;
        var similar = new List<(ulong Key, double Score)>(product.Neighbours.Count);
        foreach (var (other, together) in product.Neighbours)
            similar.Add((other.Key, together / (Math.Sqrt(own * (other.Bought + other.Looked)) + Shrinkage * unit)));
        similar.Sort((x, y) => x.Score != y.Score ? y.Score.CompareTo(x.Score) : x.Key.CompareTo(y.Key));
        var share = product.Bought > 0 ? product.Repeats / product.Bought : 0;
        var isReplenished = product.Repeats >= RepeatsMin * unit && share >= RepeatShareMin;
        product.IsChanged = false;
        return product.Known = new KnownProduct(
            product.Key, product.Sku, product.Category, [.. similar.Take(SimilarMax)], isReplenished ? Real.Exp(product.IntervalLogs / product.Repeats) : 0, share);
    }

    private Learned? Open(in ProductMention mention)
    {
        if (!_products.TryGetValue(mention.Key, out var product))
        {
            // A shop with more than that sends ids that are no products.
            if (_products.Count >= ProductsMax)
                return null;
            _products.Add(mention.Key, product = new Learned(mention.Key, mention.Sku));
        }

        // Products live long: what they already say is not written again, which would keep each event's text for the next collection of garbage.
        if (mention.Category.Length > 0 && product.Category != mention.Category)
            product.Category = mention.Category;
        _isChanged = product.IsChanged = true;
        return product;
    }

    private static void Pair(Learned x, Learned y, double weight)
    {
        x.Neighbours[y] = x.Neighbours.GetValueOrDefault(y) + weight;
        y.Neighbours[x] = y.Neighbours.GetValueOrDefault(x) + weight;
        Prune(x);
        Prune(y);
    }

    private static void Prune(Learned product)
    {
        if (product.Neighbours.Count <= 2 * NeighboursMax)
            return;
        foreach (var (other, _) in product.Neighbours.OrderBy(n => n.Value).ThenBy(n => n.Key.Key).Take(NeighboursMax).ToArray())
            product.Neighbours.Remove(other);
    }

    private Trail TrailOf(ulong customer)
    {
        if (_trails.TryGetValue(customer, out var trail))
            return trail;
        if (_trails.Count >= TrailsMax)
            ForgetOlderTrails();
        if (!_olderTrails.Remove(customer, out trail) && !_spareTrails.TryPop(out trail))
            trail = new Trail();
        _trails.Add(customer, trail);
        return trail;
    }

    /// <summary>
    /// Where many customers are in the shop trails live for a second, just long enough to be old for the collector, who would find them dead by
    /// the megabyte: they serve again.
    /// </summary>
    private void ForgetOlderTrails()
    {
        foreach (var trail in _olderTrails.Values)
        {
            trail.Clear();
            _spareTrails.Push(trail);
        }

        _olderTrails.Clear();
        (_olderTrails, _trails) = (_trails, _olderTrails);
    }

    private double WeightOf(long timeMs)
    {
        if (_landmarkMs == 0)
            _landmarkMs = timeMs;
        _newestMs = Math.Max(_newestMs, timeMs);
        var halfLives = (timeMs - _landmarkMs) / (HalfLifeDays * UtcDay.Ms);
        if (halfLives > RescaleAt)
        {
            Rescale(Real.Exp(-0.693147180559945309 * halfLives));
            _landmarkMs = timeMs;
            halfLives = 0;
        }

        return Real.Exp(0.693147180559945309 * Math.Max(halfLives, -RescaleAt));
    }

    private void Rescale(double factor)
    {
        foreach (var product in _products.Values)
            product.Scale(factor);
    }

    private sealed class Learned(ulong key, string sku)
    {
        public readonly Dictionary<Learned, double> Neighbours = [];
        public double Bought;
        public double Looked;
        public double Repeats;
        public double IntervalLogs;
        public string Category = "";
        public bool IsChanged;
        public KnownProduct? Known;

        public ulong Key => key;

        public string Sku => sku;

        public void Scale(double factor)
        {
            (Bought, Looked, Repeats, IntervalLogs) = (Bought * factor, Looked * factor, Repeats * factor, IntervalLogs * factor);
            foreach (var other in Neighbours.Keys.ToArray())
                Neighbours[other] *= factor;
            IsChanged = true;
        }
    }

    private sealed class Trail
    {
        public const int BoughtMax = 200;
        public const int LooksMax = 5;

        /// <summary>Room for so many products is kept when the trail serves again.</summary>
        private const int BoughtUsual = 16;

        public readonly List<(Learned Product, long TimeMs)> Looks = new(LooksMax);

        /// <summary>When each product was bought last; null for nothing.</summary>
        public Dictionary<ulong, long>? Bought;

        public static void ForgetOldest(Dictionary<ulong, long> bought)
        {
            foreach (var (key, _) in bought.OrderBy(b => b.Value).ThenBy(b => b.Key).Take(BoughtMax / 2).ToArray())
                bought.Remove(key);
        }

        public void Clear()
        {
            Looks.Clear();
            if (Bought?.Capacity > BoughtUsual)
                Bought = null;
            Bought?.Clear();
        }
    }
}

/// <param name="Key">Hash of the product's id, or of its SKU where there is none, as orders are kept.</param>
public readonly record struct ProductMention(ulong Key, string Sku, string Category);
