using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Server.Storefront;

namespace OrleansCrm.Server.Tests.Storefront;

public sealed class ShopTests
{
    private static readonly StorefrontOptions Options = new() { Url = new Uri("http://localhost"), WriteKey = "k" };
    private static readonly long StartMs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void First_step_reveals_silent_customers_with_a_past()
    {
        var orders = Orders(new Shop(Options, 1, StartMs).Step(StartMs)).Where(o => o.At < StartMs).GroupBy(o => o.User).ToArray();

        Assert.Equal(3, orders.Length);
        Assert.All(orders, customer =>
        {
            var times = customer.Select(o => o.At).ToArray();
            Assert.Equal(times.Order(), times);
            var silenceDays = (StartMs - times[^1]) / 86_400_000.0;
            Assert.Contains(Shop.Rhythms, r => r.Orders == times.Length && r.SilenceDays == (int)Math.Round(silenceDays));
        });
    }

    [Fact]
    public void New_silent_customers_keep_coming_and_some_come_back()
    {
        var shop = new Shop(Options, 1, StartMs);
        var orders = Run(shop, TimeSpan.FromMinutes(5)).SelectMany(Orders).ToList();

        var silent = orders.Where(o => o.At < StartMs).GroupBy(o => o.User).Where(g => IsSilent(g.Select(o => o.At))).Select(g => g.Key).ToHashSet();
        var returned = orders.Where(o => o.At >= StartMs && silent.Contains(o.User)).Select(o => o.User).Distinct().Count();
        Assert.InRange(silent.Count, 40, 120);
        Assert.InRange(returned, 5, silent.Count - 5);
    }

    [Fact]
    public void Messages_and_orders_have_ids_of_their_own()
    {
        var events = Run(new Shop(Options, 1, StartMs), TimeSpan.FromMinutes(5)).SelectMany(step => step).Select(Parse).ToList();

        Assert.Equal(events.Count, events.Select(e => e.GetProperty("messageId").GetString()).Distinct().Count());
        var orders = events.Where(IsOrder).Select(e => e.GetProperty("properties").GetProperty("order_id").GetString()).ToList();
        Assert.Equal(orders.Count, orders.Distinct().Count());
    }

    [Fact]
    public void Shop_that_was_kept_waiting_does_not_make_up_for_it()
    {
        var shop = new Shop(Options, 1, StartMs);
        shop.Step(StartMs);

        var events = shop.Step(StartMs + 3_600_000);

        Assert.InRange(events.Length, 1, 100);
    }

    [Fact]
    public void Two_runs_invent_different_people()
    {
        var one = Orders(new Shop(Options, 1, StartMs).Step(StartMs)).Select(o => o.User);
        var other = Orders(new Shop(Options, 2, StartMs).Step(StartMs)).Select(o => o.User);

        Assert.Empty(one.Intersect(other));
    }

    [Fact]
    public void Every_silent_customer_is_at_risk_and_not_yet_lost_under_the_default_program()
    {
        var shop = new Shop(Options, 1, StartMs);
        var silent = Run(shop, TimeSpan.FromMinutes(5)).SelectMany(step => step).Select(Parse)
            .GroupBy(e => e.GetProperty("userId").GetString()!)
            .Where(c => c.Any(e => IsOrder(e) && TimeOf(e) < StartMs) && IsSilent(c.Where(IsOrder).Select(TimeOf).Where(at => at < StartMs)))
            .ToArray();

        Assert.InRange(silent.Length, 40, 120);
        Assert.All(silent, customer =>
        {
            var state = CustomerState.Create("default/user:" + customer.Key);
            var past = customer.Where(e => TimeOf(e) < StartMs).ToArray();
            for (var i = 0; i < past.Length; i++)
                Fold(state, i, past[i].GetProperty("type").GetString()!, TimeOf(past[i]), JsonSerializer.SerializeToUtf8Bytes(past[i]));
            Assert.InRange(state.NextWakeMs, 1, StartMs);
            while (state.NextWakeMs != 0 && state.NextWakeMs <= StartMs)
                Fold(state, state.Offset + 1, EntryTypes.Wake, state.NextWakeMs, "{}"u8.ToArray());

            using var described = JsonDocument.Parse(BusinessDigest.Describe(state, ProgramDocument.Default));
            Assert.Equal(1, described.RootElement.GetProperty("alerts").GetArrayLength());
        });
    }

    [Fact]
    public void Server_takes_every_event()
    {
        var events = Run(new Shop(Options, 1, StartMs), TimeSpan.FromMinutes(2)).SelectMany(step => step);

        Assert.All(events, e => Assert.Null(EventCheck.Check(Parse(e).GetProperty("type").GetString()!, e)));
    }

    private static void Fold(CustomerState state, long offset, string type, long timeMs, byte[] payload) =>
        CustomerFold.Apply(state, new Entry(0, offset, state.Key, Guid.NewGuid(), type, timeMs, StartMs, payload), ProgramDocument.Default, new FoldOutput());

    private static IEnumerable<byte[][]> Run(Shop shop, TimeSpan time)
    {
        for (var now = StartMs; now < StartMs + time.TotalMilliseconds; now = Math.Max(now, shop.NextDueMs))
            yield return shop.Step(now);
    }

    [Fact]
    public void Something_goes_wrong_with_a_few_regular_customers_a_minute_in_each_way()
    {
        var events = Run(new Shop(Options, 1, StartMs), TimeSpan.FromMinutes(5)).SelectMany(step => step).Select(Parse).ToList();
        var kinds = new List<string>();
        foreach (var customer in events.GroupBy(e => e.GetProperty("userId").GetString()!))
        {
            var orders = customer.Where(IsOrder).Select(TimeOf).Where(at => at < StartMs).ToArray();
            if (orders.Length > 0 && !IsSilent(orders))
                kinds.Add(customer.Last(e => !IsOrder(e)).GetProperty("event").GetString()!);
        }

        Assert.Equal(["Payment Failed", "Product Added", "Survey Answered", "Ticket Opened"], kinds.Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(kinds.Count, 12, 45);
    }

    private static bool IsSilent(IEnumerable<long> orders) => orders.Max() < StartMs - 40 * 86_400_000L;

    private static IEnumerable<(string User, long At)> Orders(byte[][] events) => events.Select(Parse).Where(IsOrder)
        .Select(e => (e.GetProperty("userId").GetString()!, TimeOf(e)));

    private static long TimeOf(JsonElement json) => json.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds();

    private static JsonElement Parse(byte[] json) => JsonDocument.Parse(json).RootElement;

    private static bool IsOrder(JsonElement json) => json.TryGetProperty("event", out var name) && name.ValueEquals("Order Completed");
}
