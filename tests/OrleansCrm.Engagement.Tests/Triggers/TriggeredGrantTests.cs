using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Tests.Triggers;

/// <summary>Offers that can run out, to who has not asked: a budget's part is held and a code is made for as long as the offer is good.</summary>
public sealed class TriggeredGrantTests
{
    private const double Hour = 1 / 24.0;
    private const double Second = 1 / 86_400.0;
    private const double Now = 6_000;
    private const string Ten = """{"id":"ten","kind":"percent","value":10,"title":"10%","budget":{"times":2},"coupon":{"prefix":"TEN-OFF"}}""";

    [Fact]
    public void Left_cart_is_answered_with_a_coupon_whose_order_is_covered_by_the_budget()
    {
        var shopper = Shopper(Ten, free: 1);
        shopper.Fill(Now).Wake(Now + Hour);

        Assert.Equal(("cart-left", "ten", "percent", 10m), shopper.Offered());
        var code = shopper.Best.GetProperty("coupon").GetString()!;
        Assert.Matches("^TEN-OFF-[A-Z2-9]{10}$", code);
        Assert.Equal((code, "ten", Story.Ms(Now + Hour + 1)), (shopper.Coupon!.Code, shopper.Coupon.Offer, shopper.Coupon.UntilMs));
        Assert.Equal((0, 1, 0), Standing(shopper));

        shopper.Story.Reload();
        shopper.Track(Now + 5 * Hour, "Order Completed", $$"""{"order_id":"o1","revenue":60,"coupon":"{{code}}"}""");
        var sent = shopper.Story.Output.Outgoing.Select(o => o.Entry).OfType<OutgoingEntry>().ToArray();
        shopper.Slice!.Receive(Assert.Single(sent, e => e.Type == EntryTypes.BudgetSpent));
        Assert.Equal((0, 0, 1), Standing(shopper));
        Assert.Equal(ReserveKeys.Coupon("default", code), Assert.Single(sent, e => e.Type == EntryTypes.CouponUse).Customer);
        Assert.Equal(JsonValueKind.Null, shopper.Best.ValueKind);
    }

    [Fact]
    public void Second_cause_shows_the_code_that_is_still_good_and_only_the_order_that_names_it_uses_the_budget()
    {
        var shopper = Shopper(Ten, free: 2, policy: "\"frequency\":{\"times\":0}");
        shopper.Fill(Now).Wake(Now + Hour);
        var (code, until) = (shopper.Best.GetProperty("coupon").GetString(), shopper.Best.GetProperty("validUntil").GetString());

        shopper.Order(Now + 2 * Hour);
        shopper.Fill(Now + 3 * Hour).Wake(Now + 4 * Hour);

        Assert.Equal((2, code, until), (shopper.Made, shopper.Best.GetProperty("coupon").GetString(), shopper.Best.GetProperty("validUntil").GetString()));
        Assert.Equal((1, 1, 0), Standing(shopper));

        shopper.Story.Reload();
        shopper.Track(Now + 5 * Hour, "Order Completed", $$"""{"order_id":"named","revenue":60,"coupon":"{{code}}"}""");
        shopper.Slice!.Receive(Assert.Single(shopper.Story.Output.Outgoing, o => o.Entry?.Type == EntryTypes.BudgetSpent).Entry!);
        Assert.Equal((1, 0, 1), Standing(shopper));
        shopper.Fill(Now + 6 * Hour).Wake(Now + 7 * Hour);
        Assert.Equal((0, 1, 1), Standing(shopper));
    }

    [Fact]
    public void Hold_and_code_end_with_the_offer()
    {
        var shopper = Shopper(Ten, free: 1);
        shopper.Fill(Now).Wake(Now + Hour);
        var coupon = new Story(ReserveKeys.Coupon("default", shopper.Coupon!.Code), shopper.Story.Program);
        coupon.Own(EntryTypes.CouponIssued, Now + Hour, Text(ReserveMessages.Issue(Offer.KeyOf("ten"), shopper.Coupon.UntilMs)));
        Assert.Equal("", Hold(coupon, Now + 2 * Hour, 5));
        Assert.Equal("held_by_other", Hold(coupon, Now + 2 * Hour, 6));

        var untilMs = shopper.Best.GetProperty("validUntil").GetDateTimeOffset().ToUnixTimeMilliseconds();
        Assert.Equal(untilMs + 60_000, shopper.Slice!.State.NextWakeMs);
        shopper.Slice.Wake(untilMs + 60_000);
        shopper.Wake(Now + 1 + 2 * Hour);

        Assert.Equal((1, 0, 0), Standing(shopper));
        Assert.Equal("expired", Hold(coupon.Reload(), Now + 1 + Hour + Second, 5));
        coupon.WakeWhenDue(Now + 2);
        Assert.Equal(0, coupon.State.NextWakeMs);
        Assert.Equal("expired", Story.Json(ReserveFold.Render(coupon.Reload().State, shopper.Story.Program)).GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, shopper.Best.ValueKind);
        shopper.Order(Now + 3);
        Assert.DoesNotContain(shopper.Story.Output.Outgoing, o => o.Entry?.Type == EntryTypes.BudgetSpent);
    }

    [Fact]
    public void Code_is_refused_to_an_order_after_its_end_and_a_cancelled_order_gives_it_back_until_then()
    {
        var program = Program(Ten);
        var coupon = new Story(ReserveKeys.Coupon("default", "TEN-OFF-2222222222"), program);
        coupon.Own(EntryTypes.CouponIssued, Now, Text(ReserveMessages.Issue(Offer.KeyOf("ten"), Story.Ms(Now + 1))));
        coupon.Own(EntryTypes.CouponUse, Now + Hour, """{"order":7,"holder":0}""");
        coupon.Own(EntryTypes.CouponUnuse, Now + 2 * Hour, """{"order":7}""");
        Assert.Equal("free", Status(coupon, program));

        coupon.Reload().Own(EntryTypes.CouponUse, Now + 1 + Hour, """{"order":8,"holder":0}""");

        Assert.Equal("expired", Status(coupon, program));
    }

    [Fact]
    public void Slice_that_has_nothing_yet_is_asked_again_and_the_offer_comes_when_it_has()
    {
        var shopper = Shopper(Ten, free: 0);
        shopper.Fill(Now).Wake(Now + Hour);
        Assert.Equal((1, 0), (shopper.Asked, shopper.Made));
        Assert.Equal(Story.Ms(Now + Hour + Second), shopper.Story.Reload().State.NextWakeMs);

        shopper.Slice!.Own(EntryTypes.BudgetGrant, Now + Hour, """{"amount":2}""");
        shopper.Wake(Now + Hour + Second);

        Assert.Equal((2, 1, "ten"), (shopper.Asked, shopper.Made, shopper.Offered().Offer));
        shopper.Wake(Now + 2 * Hour);
        Assert.Equal(2, shopper.Asked);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(""",{"id":"plain","title":"Free shipping","weight":0.001}""", "plain")]
    public void Budget_that_stays_empty_gives_way_to_the_next_offer_or_none(string other, string? offered)
    {
        var shopper = Shopper(Ten + other, free: 0, """ "offers":["ten"{0}] """.Replace("{0}", other.Length > 0 ? ""","plain" """ : "", StringComparison.Ordinal));

        shopper.Fill(Now).Wake(Now + 2 * Hour);

        Assert.Equal(offered, shopper.Made > 0 ? shopper.Offered().Offer : null);
        Assert.InRange(shopper.Asked, 1, 6);
        Assert.Null(shopper.Story.State.Triggers!.Find("cart-left")!.Waits);
        Assert.Equal((0, 0, 0), Standing(shopper));
    }

    [Fact]
    public void Cart_that_is_bought_while_the_budget_is_waited_for_asks_no_more()
    {
        var shopper = Shopper(Ten, free: 0);
        shopper.Fill(Now).Wake(Now + Hour);

        shopper.Order(Now + Hour + Second / 2);
        shopper.Slice!.Own(EntryTypes.BudgetGrant, Now + Hour + Second / 2, """{"amount":2}""");
        shopper.Wake(Now + 2 * Hour);

        Assert.Equal((1, 0), (shopper.Asked, shopper.Made));
        Assert.Equal((2, 0, 0), Standing(shopper));
    }

    [Fact]
    public void What_is_asked_again_after_it_was_answered_takes_nothing()
    {
        var shopper = Shopper(Ten, free: 2);
        shopper.Fill(Now);
        shopper.Story.WakeWhenDue(Now + Hour, 1);
        var ask = shopper.Story.Output.Outgoing.Single(o => o.Entry?.Type == EntryTypes.DecisionTriggered).Entry!.Payload;
        var again = Decide(shopper, ask);
        shopper.Story.Own(EntryTypes.DecisionTriggered, Now + Hour, Text(again.Note));

        var late = Decide(shopper, ask);

        Assert.Equal((1, 0), (again.Takes.Length, late.Takes.Length));
        Assert.Empty(late.Note);
    }

    [Fact]
    public void Entry_with_a_hold_and_a_code_gives_the_decision_back_and_the_journal_the_state()
    {
        var shopper = Shopper(Ten + """,{"id":"other","title":"O","budget":{"times":5}}""", free: 5);
        shopper.Fill(Now);
        var before = SnapshotCodec.Decode(SnapshotCodec.Encode(shopper.Story.WakeWhenDue(Now + Hour, 1).State));
        var (id, note) = shopper.DecideOnce();
        shopper.Story.Own(EntryTypes.DecisionTriggered, Now + Hour, Text(note));

        var read = DecisionNote.Read(note);
        Assert.Equal(Text(read.Answer), Text(read.Recompute(before, shopper.Story.Program, id)));
        var again = CustomerState.Create(shopper.Story.State.Key);
        foreach (var entry in shopper.Story.Entries)
        {
            CustomerFold.Apply(again, entry, shopper.Story.Program, new FoldOutput());
            again = SnapshotCodec.Decode(SnapshotCodec.Encode(again));
        }

        Assert.Equal(Text(SnapshotCodec.Encode(shopper.Story.State)), Text(SnapshotCodec.Encode(again)));
    }

    [Fact]
    public void State_that_waits_is_the_same_after_every_snapshot()
    {
        var shopper = Shopper(Ten + """,{"id":"other","title":"O","budget":{"times":5}}""", free: 0);
        shopper.Fill(Now).Wake(Now + Hour + 40 * Second);
        Assert.NotEmpty(shopper.Story.State.Triggers!.Find("cart-left")!.Waits!.Without);

        var stored = Text(SnapshotCodec.Encode(shopper.Story.State));

        Assert.Equal(stored, Text(SnapshotCodec.Encode(shopper.Story.Reload().State)));
    }

    [Fact]
    public void Share_of_a_cart_is_not_taken_from_a_budget_of_an_amount_without_the_cart()
    {
        const string Share = """{"id":"ten","kind":"percent","value":10,"title":"10%","budget":{"amount":100}}""";
        var shopper = Shopper(Share, free: 5);

        shopper.Fill(Now).Wake(Now + Hour);

        Assert.Equal((1, 0), (shopper.Asked, shopper.Made));
        var fault = Assert.Throws<ProgramException>(() => Program(Share, """ "offers":["ten"] """));
        Assert.Contains("triggers.policies[0].offers[0]", fault.Faults.Select(f => f.Field));
    }

    private static Shopper Shopper(string offers, int free, string policy = "")
    {
        var program = Program(offers, policy);
        var slice = new Story(ReserveKeys.Slice("default", 7, Offer.KeyOf("ten")), program);
        if (free > 0)
            slice.Own(EntryTypes.BudgetGrant, Now - 1, $$"""{"amount":{{free}}}""");
        return new Shopper(program) { Slice = slice }.Consent(Now - 2_000, true);
    }

    private static ProgramDocument Program(string offers, string policy = "") => ProgramDocument.Parse(Encoding.UTF8.GetBytes(
        $$$"""{"offers":[{{{offers}}}],"triggers":{"policies":[{"id":"cart-left","on":"cart_abandoned"{{{(policy.Length > 0 ? "," + policy : "")}}}}]}}"""));

    private static TriggeredAnswer Decide(Shopper shopper, byte[] ask) => TriggeredDecision.Decide(
        shopper.Story.State, shopper.Story.Program, ask, DecisionTables.Empty, new(7, 1, 1), shopper.Story.Entries[^1].RecordedMs, [], 1);

    private static string Hold(Story coupon, double day, ulong holder)
    {
        coupon.Own(EntryTypes.CouponHold, day, Text(ReserveMessages.Hold(holder)));
        return coupon.Output.Command!.Code;
    }

    private static string? Status(Story coupon, ProgramDocument program) => Story.Json(ReserveFold.Render(coupon.State, program)).GetProperty("status").GetString();

    private static (long Free, long Held, long Spent) Standing(Shopper shopper) => shopper.Slice!.State.Reserve is SliceReserve slice
        ? (slice.Free, slice.Holds.Sum(h => h.Amount), slice.Spent) : default;

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);
}
