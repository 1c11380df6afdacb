using System.Globalization;
using System.IO.Compression;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.TestSupport;
using Xunit.Abstractions;

namespace OrleansCrm.Engagement.Tests.Personalization;

public sealed class ProductLearnerTests(ITestOutputHelper output)
{
    private const long DayMs = 86_400_000;

    [Fact]
    public void What_was_bought_together_is_recommended_and_what_one_has_is_not()
    {
        var learner = new ProductLearner();
        for (var i = 0; i < 10; i++)
            learner.Buy((ulong)i, i * DayMs, [Mention("pan"), Mention("lid"), Mention(i < 5 ? "spoon" : "glove")]);
        learner.Buy(99, 20 * DayMs, [Mention("sofa"), Mention("cushion")]);
        var table = learner.Build();

        var toCart = table.Recommend([], [Line("pan")], 3, 30 * DayMs);
        var toOwner = table.Recommend([new Bought(Key("pan"), 5 * DayMs), new Bought(Key("lid"), 5 * DayMs)], [], 2, 30 * DayMs);

        Assert.Equal("lid", toCart[0].Sku);
        Assert.Equal(["glove", "spoon"], toCart[1..].Select(r => r.Sku).Order(StringComparer.Ordinal));
        Assert.All(toCart, r => Assert.Equal("bought_together", r.Reason));
        Assert.DoesNotContain(toOwner, r => r.Sku is "pan" or "lid");
    }

    [Fact]
    public void What_is_used_up_is_recommended_again_when_its_time_comes()
    {
        var learner = new ProductLearner();
        for (var month = 0; month < 6; month++)
        {
            for (var customer = 1; customer <= 5; customer++)
                learner.Buy((ulong)customer, (1 + month * 30L) * DayMs, [Mention("coffee")]);
        }

        learner.Buy(7, DayMs, [Mention("mill")]);
        var table = learner.Build();
        List<Bought> bought = [new(Key("coffee"), 100 * DayMs), new(Key("mill"), 100 * DayMs)];

        Assert.DoesNotContain(table.Recommend(bought, [], 5, 105 * DayMs), r => r.Sku == "coffee");
        Assert.Equal(("coffee", "replenish"), table.Recommend(bought, [], 5, 125 * DayMs).Select(r => (r.Sku, r.Reason)).Single());
    }

    [Fact]
    public void Nothing_known_of_a_customer_leaves_what_sells_first_of_the_same_category()
    {
        var learner = new ProductLearner();
        for (var i = 0; i < 9; i++)
            learner.Buy((ulong)i, DayMs, [Mention("lamp", "light")]);
        for (var i = 0; i < 3; i++)
            learner.Buy((ulong)i, DayMs, [Mention("vase", "decor")]);
        learner.Buy(50, DayMs, [Mention("bowl", "decor")]);
        var table = learner.Build();

        Assert.Equal(["lamp", "vase"], table.Recommend([], [], 2, DayMs).Select(r => r.Sku));
        Assert.Equal(["vase", "lamp"], table.Recommend([], [new CartLine("bowl", "", 1_000_000, 0)], 2, DayMs).Select(r => r.Sku));
    }

    [Fact]
    public void Looks_of_one_visit_go_together_and_newer_ones_weigh_more()
    {
        var learner = new ProductLearner();
        Look(1, 0, "tent", "rope");
        Look(2, 400, "tent", "stove");

        Assert.Equal("stove", learner.Build().Recommend([], [Line("tent")], 1, 401 * DayMs)[0].Sku);

        void Look(ulong customer, long day, string first, string second)
        {
            learner.Look(customer, day * DayMs, Mention(first));
            learner.Look(customer, day * DayMs + 60_000, Mention(second));
        }
    }

    [Fact]
    public void Product_with_an_id_and_a_SKU_is_found_by_both()
    {
        var learner = new ProductLearner();
        learner.Buy(1, DayMs, [new ProductMention(Key("id-1"), "pan", ""), Mention("lid")]);

        Assert.Equal("lid", learner.Build().Recommend([], [Line("pan")], 1, DayMs).Single().Sku);
        Assert.Equal("lid", learner.Build().Recommend([], [Line("id-1")], 1, DayMs).Single().Sku);
    }

    [Fact]
    public void Trail_that_serves_another_customer_says_nothing_of_whose_it_was()
    {
        const int Remembered = 50_000;
        var learner = new ProductLearner();
        for (var customer = 0; customer < Remembered; customer++)
        {
            learner.Look((ulong)customer, DayMs, Mention("tent"));
            learner.Buy((ulong)customer, DayMs, [Mention("coffee")]);
        }

        for (var customer = Remembered; customer < 2 * Remembered; customer++)
        {
            learner.Look((ulong)customer, DayMs + 1, Mention("rope"));
            learner.Buy((ulong)customer, 31 * DayMs, [Mention("coffee")]);
        }

        var table = learner.Build();
        Assert.DoesNotContain(table.Recommend([], [Line("rope")], 5, 31 * DayMs), r => r.Reason == "bought_together");
        Assert.DoesNotContain(table.Recommend([new Bought(Key("coffee"), 31 * DayMs)], [], 5, 61 * DayMs), r => r.Reason == "replenish");
    }

    [Fact]
    public void Customer_who_comes_back_among_many_others_is_still_known()
    {
        var learner = new ProductLearner();
        learner.Look(1, DayMs, Mention("tent"));
        for (var customer = 2; customer < 40_000; customer++)
            learner.Look((ulong)customer, DayMs, Mention("map"));
        learner.Look(1, DayMs + 1, Mention("rope"));

        Assert.Equal("tent", learner.Build().Recommend([], [Line("rope")], 1, DayMs)[0].Sku);
    }

    /// <summary>Learned from everything but each customer's last order, which is to be foretold from the orders before.</summary>
    [SharedDataFact("online-retail-to-2011-06-09.csv.gz")]
    public void Last_orders_of_a_real_shop_are_foretold_better_than_by_what_sells()
    {
        var orders = ReadOrders(Path.Combine(SharedDataFactAttribute.Folder!, "online-retail-to-2011-06-09.csv.gz"));
        var last = orders.GroupBy(o => o.Customer).Where(g => g.Count() > 1).ToDictionary(g => g.Key, g => g.MaxBy(o => o.TimeMs)!);
        var learner = new ProductLearner();
        foreach (var order in orders.Where(o => !last.TryGetValue(o.Customer, out var held) || held != o).OrderBy(o => o.TimeMs))
            learner.Buy(order.Customer, order.TimeMs, [.. order.Products.Select(p => Mention(p))]);
        var table = learner.Build();

        var (ours, popular) = (new Score(), new Score());
        foreach (var (customer, held) in last)
        {
            var bought = orders.Where(o => o.Customer == customer && o != held).OrderByDescending(o => o.TimeMs)
                .SelectMany(o => o.Products.Select(p => new Bought(Key(p), o.TimeMs))).DistinctBy(b => b.Key).ToList();
            ours.Add(table.Recommend(bought, [], 10, held.TimeMs), held.Products);
            popular.Add(table.Recommend([], [], 10, held.TimeMs), held.Products);
        }

        output.WriteLine($"{last.Count} customers; hit rate at 10 {ours.HitRate:0.000} against {popular.HitRate:0.000}, NDCG at 10 {ours.Ndcg:0.0000} against {popular.Ndcg:0.0000}");
        Assert.True(ours.HitRate > 1.1 * popular.HitRate, $"{ours.HitRate} {popular.HitRate}");
        Assert.True(ours.Ndcg > 1.1 * popular.Ndcg, $"{ours.Ndcg} {popular.Ndcg}");
    }

    private static ulong Key(string sku) => ProductTable.KeyOf(sku);

    private static ProductMention Mention(string sku, string category = "") => new(Key(sku), sku, category);

    private static CartLine Line(string sku) => new(sku, "", 1_000_000, 0);

    private static List<RealOrder> ReadOrders(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        reader.ReadLine();
        var orders = new Dictionary<string, RealOrder>();
        while (reader.ReadLine() is { } line)
        {
            // The description alone may have commas, in quotes.
            var cells = line.Split(',');
            if (cells[0].StartsWith('C') || cells[^2].Length == 0 || !cells[^5].AsSpan().ContainsAnyInRange('1', '9') || cells[^5].StartsWith('-'))
                continue;
            if (!orders.TryGetValue(cells[0], out var order))
            {
                var time = DateTime.Parse(cells[^4], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
                orders.Add(cells[0], order = new RealOrder((ulong)double.Parse(cells[^2], CultureInfo.InvariantCulture), new DateTimeOffset(time).ToUnixTimeMilliseconds(), []));
            }

            order.Products.Add(cells[1]);
        }

        return [.. orders.Values];
    }

    private sealed record RealOrder(ulong Customer, long TimeMs, HashSet<string> Products);

    private sealed class Score
    {
        private int _customers;
        private int _hits;
        private double _ndcg;

        public double HitRate => _hits / (double)_customers;

        public double Ndcg => _ndcg / _customers;

        public void Add(List<Recommendation> recommended, HashSet<string> bought)
        {
            _customers++;
            var gain = 0.0;
            for (var i = 0; i < recommended.Count; i++)
                gain += bought.Contains(recommended[i].Sku) ? 1 / Math.Log2(i + 2) : 0;
            var best = Enumerable.Range(0, Math.Min(bought.Count, 10)).Sum(i => 1 / Math.Log2(i + 2));
            _hits += gain > 0 ? 1 : 0;
            _ndcg += gain / best;
        }
    }
}
