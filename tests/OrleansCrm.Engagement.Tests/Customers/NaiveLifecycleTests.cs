using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Customers;

/// <summary>A second, simple-minded lifecycle that goes through time as it passes, and shares no code but the model.</summary>
public sealed class NaiveLifecycleTests
{
    private const long Day = 86_400_000;

    [Fact]
    public void Phases_instants_and_alerts_agree_with_a_naive_walk_through_time()
    {
        var phases = new HashSet<string>();
        var alerts = 0;
        for (var seed = 1; seed <= 1_500; seed++)
        {
            var random = new Random(seed);
            var story = new Story(program: ProgramDocument.Default with { Alerts = new AlertRules { Policies = [] } });
            var naive = new Naive();
            var ms = Story.StartMs + random.NextInt64(Day);
            var gap = random.Next(1, 40);
            for (var i = random.Next(1, 14); i > 0; i--)
            {
                ms += (long)(random.NextDouble() * gap * (random.Next(4) == 0 ? 10 : 1) * Day);
                var (type, payload) = random.Next(5) switch
                {
                    0 => (EntryTypes.Page, """{"name":"Home"}"""),
                    1 => (EntryTypes.Track, """{"event":"Order Delivered","properties":{"order_id":"x"}}"""),
                    2 => (EntryTypes.Track, """{"event":"Product Viewed"}"""),
                    _ => (EntryTypes.Track, $$$"""{"event":"Order Completed","properties":{"order_id":"o{{{i}}}","revenue":20}}"""),
                };
                naive.PassTo(ms);
                naive.See(ms, payload);
                story.Own(type, (ms - Story.StartMs) / (double)Day, payload);
                Assert.Equal((naive.Phase, Rendering.Instant(naive.Since)), (story.Phase, story.PhaseSince));
                Assert.Equal(naive.HasAlert, story.OpenAlerts.Length == 1);
                phases.Add(story.Phase);
                alerts += story.OpenAlerts.Length;
            }

            ms += random.NextInt64(300 * Day);
            naive.PassTo(ms);
            story.Wake(ms);
            Assert.Equal((naive.Phase, Rendering.Instant(naive.Since)), (story.Phase, story.PhaseSince));
            Assert.Equal(naive.HasAlert, story.OpenAlerts.Length == 1);
            if (naive.HasAlert)
                Assert.Equal(Rendering.Instant(naive.Since), story.Alert(story.OpenAlerts[0]).GetProperty("raisedAt").GetString());
        }

        Assert.Equal(["attention", "bonding", "lost", "loyalty", "orientation", "purchase", "recapture"], phases.Order(StringComparer.Ordinal));
        Assert.True(alerts > 100);
    }

    private sealed class Naive
    {
        private readonly List<long> _orders = [];

        public string Phase { get; private set; } = "";

        public long Since { get; private set; }

        public bool HasAlert => Phase == "recapture";

        public void PassTo(long ms)
        {
            if (Phase == "purchase" && Ceiling(_orders[0] + 14 * Day) <= ms)
                Enter("bonding", Ceiling(_orders[0] + 14 * Day));
            if (_orders.Count < 2 || Phase == "lost")
                return;
            if (Phase != "recapture" && FirstSecond(0.75, 0.25) is var atRisk && atRisk <= ms)
                Enter("recapture", atRisk);
            if (Phase == "recapture" && FirstSecond(0.9, 0.5) is var lost && lost <= ms)
                Enter("lost", lost);
        }

        public void See(long ms, string payload)
        {
            if (payload.Contains("Order Completed", StringComparison.Ordinal))
            {
                _orders.Add(ms);
                var days = _orders.Select(o => o / Day).Distinct().Count();
                Enter(days >= 3 ? "loyalty" : _orders.Count >= 2 ? "bonding" : "purchase", ms);
            }
            else if (payload.Contains("Delivered", StringComparison.Ordinal) && Phase == "purchase")
            {
                Enter("bonding", ms);
            }
            else if (payload.Contains("Viewed", StringComparison.Ordinal) && Phase is "" or "attention")
            {
                Enter("orientation", ms);
            }
            else if (Phase == "")
            {
                Enter("attention", ms);
            }
        }

        private void Enter(string phase, long ms) => (Phase, Since) = phase == Phase ? (Phase, Since) : (phase, ms);

        private long FirstSecond(double floor, double share)
        {
            var x = _orders.Select(o => o / Day).Distinct().Count() - 1;
            var history = new PurchaseHistory(x, Weeks.FromMilliseconds(x == 0 ? 0 : _orders[^1] - _orders[0]));
            double Risk(long silence) =>
                BetaGeometricModel.MbgCdnow.HorizonRisk(history, Weeks.FromMilliseconds(silence), Weeks.FromDays(90));
            var threshold = Math.Max(floor, Risk(0) + share * (1 - Risk(0)));
            var (low, high) = (_orders[^1] / 1_000, _orders[^1] / 1_000 + 3_000_000_000);
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                if (Risk(middle * 1_000 - _orders[^1]) >= threshold)
                    high = middle;
                else
                    low = middle;
            }

            return high * 1_000;
        }

        private static long Ceiling(long ms) => (ms + 999) / 1_000 * 1_000;
    }
}
