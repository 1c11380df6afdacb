using System.Globalization;
using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Loyalty;

/// <summary>One customer's history drawn by a seed, told to the fold out of order and with repeats, and to the naive one as facts.</summary>
internal sealed class RandomShop
{
    private const long Day = 86_400_000;

    private readonly Random _random;
    private readonly List<(long Ms, string Event, string Properties, Action Fact)> _events = [];

    public RandomShop(int seed)
    {
        _random = new Random(seed);
        var tiers = _random.Next(3) == 0 ? [] : new (long From, int Percent)[] { (150, 150), (400, 200) };
        Rules = new NaiveRules(
            Pick(0, 0, 14, 30), Pick(0, 60, 120), Pick(45, 120), Pick(0, 20), _random.Next(3) > 0, Pick(1, 3)) { Tiers = tiers };
        Naive = new NaiveFold(Rules);
        Program = ProgramDocument.Default with { Loyalty = Loyalty() };
        Story = new Story(program: Program);
        Draw();
    }

    public NaiveRules Rules { get; }

    public NaiveFold Naive { get; }

    public ProgramDocument Program { get; }

    public Story Story { get; }

    public long EndMs { get; private set; }

    public int Holds { get; private set; }

    public int Refusals { get; private set; }

    /// <param name="check">After each entry.</param>
    public void Live(Action check)
    {
        Disorder();
        var holds = new List<NaiveHold>();
        foreach (var (ms, name, properties, fact) in _events)
        {
            var payload = $$"""{"type":"track","event":"{{name}}","properties":{{properties}}}""";
            Tell(EntryTypes.Track, ms, payload);
            fact();
            check();
            if (_random.Next(4) == 0)
                Tell(EntryTypes.Track, ms, payload);
            if (_random.Next(4) == 0)
                Story.Reload();
            if (_random.Next(3) == 0 && Story.State.NextWakeMs is not 0 and var wakeMs && wakeMs <= EndMs)
                Story.Wake(wakeMs);
            if (_random.Next(2) == 0)
                Command(holds);
            check();
        }

        Story.Wake(EndMs);
        check();
    }

    private void Command(List<NaiveHold> holds)
    {
        var ms = Story.State.NewestMs + (_random.Next(3) == 0 ? 0 : _random.NextInt64(2_000_000));
        if (holds.Count > 0 && _random.Next(2) == 0)
        {
            var hold = holds[_random.Next(holds.Count)];
            var commit = _random.Next(3) > 0;
            Tell(commit ? EntryTypes.RedemptionCommit : EntryTypes.RedemptionCancel, ms, Text(LoyaltyCommands.End(hold.Id, "test")));
            var isOver = hold.IsCommitted || hold.CancelledMs is not null || hold.ExpiresMs <= ms;
            if (Story.Output.Command!.Code.Length == 0 && !isOver)
                (hold.IsCommitted, hold.CancelledMs) = (commit, commit ? null : ms);
            if (!isOver)
                Assert.Equal("", Story.Output.Command.Code);
            return;
        }

        if (_random.Next(6) == 0)
        {
            var points = _random.Next(-40, 60);
            if (points == 0)
                return;
            var adjust = Text(LoyaltyCommands.Adjust("a" + Story.Entries.Count, points, "because", "test"));
            Tell(EntryTypes.PointsAdjust, ms, adjust);
            Tell(EntryTypes.PointsAdjust, ms, adjust);
            Naive.Give(ms, points);
            return;
        }

        Ask(holds, ms);
    }

    private void Ask(List<NaiveHold> holds, long ms)
    {
        var points = _random.Next(1, 120);
        var order = _random.Next(3) == 0 ? "o" + _random.Next(8) : "";
        var request = Text(LoyaltyCommands.Hold("k" + Story.Entries.Count, points, order, "test"));
        var available = Naive.PointsAt(ms).Available;
        Tell(EntryTypes.RedemptionHold, ms, request);
        var (code, body) = (Story.Output.Command!.Code, Text(Story.Output.Command.Body));
        Assert.Equal(points <= available ? "" : "insufficient_points", code);
        if (code.Length == 0)
        {
            // Paid for an order that is gone already, it comes back at once.
            holds.Add(Naive.Hold(Story.Json(Encoding.UTF8.GetBytes(body)).GetProperty("holdId").GetString()!, ms, points, order));
            Holds++;
        }
        else
        {
            Refusals++;
        }

        Tell(EntryTypes.RedemptionHold, ms, request);
        Assert.Equal((code, body), (Story.Output.Command!.Code, Text(Story.Output.Command.Body)));
    }

    private void Draw()
    {
        var ms = Story.StartMs;
        for (var i = _random.Next(1, 9); i > 0; i--)
        {
            ms += _random.NextInt64(1, Day * (_random.Next(4) == 0 ? 70 : 20));
            DrawOrder("o" + i, ms);
        }

        EndMs = _events.Max(e => e.Ms) + _random.NextInt64(200 * Day);
    }

    private void DrawOrder(string id, long ms)
    {
        var value = _random.Next(0, 20_000) / 100m;
        var (price, quantity) = (Math.Round(value / 4, 2), _random.Next(1, 3));
        var hasSpecial = _random.Next(2) == 0;
        var lines = hasSpecial ? Say($$""","products":[{"product_id":"mug","category":"Kitchen","price":{{price}},"quantity":{{quantity}}}]""") : "";
        var order = Naive.Order(id);
        Add(ms, "Order Completed", Say($$"""{"order_id":"{{id}}","revenue":{{value}}{{lines}}}"""), () =>
            (order.PlacedMs, order.Stated, order.Special, order.Interested) = (ms, value, hasSpecial ? price * quantity : 0, true));
        var laterMs = ms + _random.NextInt64(50 * Day);
        switch (_random.Next(8))
        {
            case 0:
                Add(laterMs, "Order Cancelled", $$"""{"order_id":"{{id}}"}""", () => order.Cancelled = true);
                break;
            case 1:
                Add(laterMs, "Order Refunded", $$"""{"order_id":"{{id}}","refund_id":"w"}""", () => order.RefundedWhole = true);
                break;
            case 2:
                for (var part = 0; part < 2; part++)
                {
                    var amount = Math.Round(value * _random.Next(1, 70) / 100, 2);
                    var refund = "r" + part;
                    Add(
                        laterMs + part, "Order Refunded", Say($$"""{"order_id":"{{id}}","refund_id":"{{refund}}","total":{{amount}}}"""),
                        () => order.Refunds[refund] = amount);
                }

                break;
            case 3 when hasSpecial:
                Add(laterMs, "Order Refunded", $$"""{"order_id":"{{id}}","refund_id":"p","products":[{"product_id":"mug","quantity":1}]}""", () =>
                    (order.Refunds["p"], order.SpecialBack) = (price, price));
                break;
            case 4 when hasSpecial:
                Add(laterMs, "Order Refunded", Say($$"""{"order_id":"{{id}}","refund_id":"q","products":[{"product_id":"mug","price":{{price}},"quantity":1}]}"""), () =>
                    (order.Refunds["q"], order.SpecialBack) = (price, price));
                break;
            case 5:
                Add(laterMs, "Order Updated", Say($$"""{"order_id":"{{id}}","total":{{value + 9}}}"""), () =>
                    (order.Updated, order.Interested) = (value + 9, true));
                break;
        }
    }

    // Sometimes neighbours change places, as in real life; sometimes everything.
    private void Disorder()
    {
        if (_random.Next(3) == 0)
            return;
        var shuffled = _events.ToArray();
        if (_random.Next(2) == 0)
            _random.Shuffle(shuffled);
        else
            Array.Reverse(shuffled);
        _events.Clear();
        _events.AddRange(shuffled);
    }

    private void Tell(string type, long ms, string payload) => Story.Own(type, (ms - Story.StartMs) / (double)Day, payload);

    private void Add(long ms, string name, string properties, Action fact) => _events.Add((ms, name, properties, fact));

    private LoyaltyRules Loyalty() => new()
    {
        ReturnDays = Rules.ReturnDays,
        Expiry = new ExpiryRules { AfterDays = Rules.ExpiryDays },
        MayBeNegative = Rules.MayBeNegative,
        Earn = Rules.SpecialRate == 1 ? [] : [new EarnRule([], ["Kitchen"], Rules.SpecialRate * 1_000_000)],
        Tiers = new TierRules
        {
            WindowDays = Rules.WindowDays,
            GraceDays = Rules.GraceDays,
            Levels = [.. Rules.Tiers.Select((t, i) => new TierLevel("t" + i, t.From, t.Percent * 10_000L))],
        },
    };

    private int Pick(params int[] from) => from[_random.Next(from.Length)];

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
