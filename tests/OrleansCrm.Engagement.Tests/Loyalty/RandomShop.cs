using System.Globalization;
using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Loyalty;

/// <summary>One customer's history drawn by a seed, told to the fold out of order and with repeats, and to the naive one as facts.</summary>
internal sealed class RandomShop
{
    private const long Day = 86_400_000;

    private readonly Random _random;
    private readonly List<(long Ms, string Type, string Payload, Action Fact)> _events = [];
    private readonly List<(NaiveGift Gift, string Return)> _given = [];
    private long _birthdayMs = long.MinValue;

    public RandomShop(int seed)
    {
        _random = new Random(seed);
        var tiers = _random.Next(3) == 0 ? [] : new (long From, int Percent)[] { (150, 150), (400, 200) };
        Rules = new NaiveRules(
            Pick(0, 0, 14, 30), Pick(0, 60, 120), Pick(45, 120), Pick(0, 20), _random.Next(3) > 0, Pick(1, 3))
        {
            Tiers = tiers, Birthday = Pick(0, 25, 25), BirthdayFromMs = Story.StartMs + Pick(0, 20, 40) * Day,
            Referrer = Pick(0, 30), StandDays = Pick(0, 14, 14), Limit = Pick(1, 3), LimitDays = Pick(5, 60),
        };
        Naive = new NaiveFold(Rules);
        Program = ProgramDocument.Default with { Loyalty = Loyalty(Rules) };
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

    /// <summary>How often each of the rarer ways was gone.</summary>
    public SortedDictionary<string, int> Ways { get; } = new(StringComparer.Ordinal);

    /// <param name="check">After each entry.</param>
    public void Live(Action check)
    {
        Disorder();
        var holds = new List<NaiveHold>();
        foreach (var (ms, type, payload, fact) in _events)
        {
            Tell(type, ms, payload, fact);
            check();
            if (_random.Next(4) == 0)
                Tell(type, ms, payload);
            if (_random.Next(4) == 0)
                Story.Reload();
            if (_random.Next(3) == 0 && Story.State.NextWakeMs is not 0 and var wakeMs && wakeMs <= EndMs)
                Wake(wakeMs);
            if (_random.Next(2) == 0)
                Command(holds);
            if (_random.Next(4) == 0)
                Post();
            check();
        }

        EndMs = Math.Max(EndMs, Story.State.NewestMs);
        Wake(EndMs);
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

        switch (_random.Next(9))
        {
            case 0 when _random.Next(-40, 60) is not 0 and var points:
                var adjust = Text(LoyaltyCommands.Adjust("a" + Story.Entries.Count, points, "because", "test"));
                Tell(EntryTypes.PointsAdjust, ms, adjust);
                Tell(EntryTypes.PointsAdjust, ms, adjust);
                Naive.Give(ms, points);
                break;
            case 1:
                var phase = _random.Next(4) == 0 ? "" : PhaseCommands.Words[_random.Next(PhaseCommands.Words.Count)];
                Tell(EntryTypes.PhaseForce, ms, Text(PhaseCommands.Force(phase, "because", "test")), () => Naive.Force(ms, phase));
                Count("forced");
                break;
            case 2 or 3:
                Give(ms + 1);
                break;
            default:
                Ask(holds, ms);
                break;
        }
    }

    /// <summary>What other customers send, perhaps twice, perhaps long after.</summary>
    private void Post()
    {
        var ms = Story.State.NewestMs - (_random.Next(2) == 0 ? 0 : _random.NextInt64(10 * Day));
        (string type, string payload, Action fact) = (EntryTypes.ReferralAccepted, "{}", () => { });
        switch (_random.Next(4))
        {
            case 0:
                var friend = "FRIEND" + _random.Next(5);
                (type, payload, fact) = (EntryTypes.ReferralStands, $$"""{"from":"{{friend}}"}""", () => Naive.Bring(friend, ms));
                break;
            case 1:
                var (points, untilMs) = (_random.Next(1, 60), _random.Next(2) == 0 ? 0 : Story.StartMs + _random.Next(1, 200) * Day);
                (type, payload, fact) = (
                    EntryTypes.PointsGiven, $$"""{"from":"GIVER","key":{{Story.Entries.Count + 1}},"slices":[{{points}},{{untilMs}}]}""",
                    () => Naive.Transfer(ms, points, untilMs == 0 ? long.MaxValue : untilMs));
                break;
            case 2 when _given.Count > 0:
                var (gift, back) = _given[0];
                _given.RemoveAt(0);
                (type, payload, fact) = (EntryTypes.PointsReturned, back, () => Naive.Return(gift));
                break;
            case 3 when Naive.HasStood && !Ways.ContainsKey(type):
                fact = () => Naive.Give(ms, 15);
                break;
            default:
                return;
        }

        Tell(type, ms, payload, fact);
        if (_random.Next(3) == 0)
            Tell(type, ms, payload);
        Count(type);
    }

    /// <summary>Gives points away; each slice goes with the expiry that it has at that moment.</summary>
    private void Give(long ms)
    {
        var points = _random.Next(1, 80);
        var available = Naive.PointsAt(ms).Available;
        Tell(EntryTypes.PointsTransfer, ms, Text(Transfers.Command("t" + Story.Entries.Count, points, "0000000000000", "test")));
        Assert.Equal(points <= available ? "" : "insufficient_points", Story.Output.Command!.Code);
        if (points > available)
            return;
        var sent = Story.Json(Story.Output.Outgoing.Single(o => o.Entry?.Type == EntryTypes.PointsGiven).Entry!.Payload);
        var slices = sent.GetProperty("slices").EnumerateArray().Select(s => s.GetInt64()).Chunk(2).Select(s => (s[1] == 0 ? long.MaxValue : s[1], s[0]));
        var gift = Naive.Transfer(ms, -points);
        Assert.Equal(Naive.SlicesOf(gift), slices);
        _given.Add((gift, $$"""{"key":{{sent.GetProperty("key").GetUInt64()}},"points":{{points}}}"""));
        Count(EntryTypes.PointsTransfer);
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

        for (var i = _random.Next(3); i > 0; i--)
        {
            var (bornMs, month, day) = (Story.StartMs + _random.NextInt64(ms - Story.StartMs + 20 * Day), _random.Next(1, 13), _random.Next(1, 29));
            AddIdentify(bornMs, $$"""{"birthday":"1990-{{month:00}}-{{day:00}}"}""", () =>
            {
                if (Rules.Birthday > 0 && bornMs > _birthdayMs)
                    Naive.Birthday(month, day);
                _birthdayMs = Math.Max(_birthdayMs, bornMs);
            });
        }

        if (_random.Next(3) == 0)
        {
            var saidMs = Story.StartMs + _random.NextInt64(30 * Day);
            AddIdentify(saidMs, """{"referral_code":"0000000000001"}""", () => Naive.Come(saidMs, "0000000000001"));
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
        var code = _random.Next(4) == 0 ? "000000000000" + _random.Next(2, 4) : "";
        var came = code.Length == 0 ? "" : $",\"referral_code\":\"{code}\"";
        Add(ms, "Order Completed", Say($$"""{"order_id":"{{id}}","revenue":{{value}}{{lines}}{{came}}}"""), () =>
        {
            (order.PlacedMs, order.Stated, order.Special) = (ms, value, hasSpecial ? price * quantity : 0);
            Naive.See(ms, isInterested: true);
            if (code.Length > 0)
                Naive.Come(ms, code);
        });
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
                {
                    order.Updated = value + 9;
                    Naive.See(laterMs, isInterested: true);
                });
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

    /// <param name="fact">What the naive account is to know of it; nothing when it is told again.</param>
    private void Tell(string type, long ms, string payload, Action? fact = null)
    {
        Naive.Pass(ms);
        Story.Own(type, (ms - Story.StartMs) / (double)Day, payload);
        if (fact is null)
            return;
        fact();
        Naive.Pass(ms);
        Assert.Equal(Naive.HasStood, Story.State.Referral?.HasStood ?? false);
    }

    private void Wake(long ms)
    {
        Naive.Pass(ms);
        Story.Wake(ms);
    }

    private void Add(long ms, string name, string properties, Action fact) =>
        _events.Add((ms, EntryTypes.Track, $$"""{"type":"track","event":"{{name}}","properties":{{properties}}}""", () =>
        {
            Naive.See(ms, isInterested: false);
            fact();
        }));

    private void AddIdentify(long ms, string traits, Action fact) => _events.Add((ms, EntryTypes.Identify, $$"""{"type":"identify","traits":{{traits}}}""", () =>
    {
        Naive.See(ms, isInterested: true);
        fact();
    }));

    private void Count(string way) => Ways[way] = Ways.GetValueOrDefault(way) + 1;

    public static LoyaltyRules Loyalty(NaiveRules rules) => new()
    {
        ReturnDays = rules.ReturnDays,
        Expiry = new ExpiryRules { AfterDays = rules.ExpiryDays },
        MayBeNegative = rules.MayBeNegative,
        Bonuses = new BonusRules { Birthday = rules.Birthday, BirthdayFromMs = rules.BirthdayFromMs },
        Referral = new ReferralRules { Referrer = rules.Referrer, Friend = 15, StandDays = rules.StandDays, Limit = rules.Limit, LimitDays = rules.LimitDays },
        Earn = rules.SpecialRate == 1 ? [] : [new EarnRule([], ["Kitchen"], rules.SpecialRate * 1_000_000)],
        Tiers = new TierRules
        {
            WindowDays = rules.WindowDays,
            GraceDays = rules.GraceDays,
            Levels = [.. rules.Tiers.Select((t, i) => new TierLevel("t" + i, t.From, t.Percent * 10_000L))],
        },
    };

    private int Pick(params int[] from) => from[_random.Next(from.Length)];

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
