using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Engagement.Tests.Reserves;

public sealed class CouponTests
{
    private const double Minute = 1.0 / 1_440;

    private static readonly ProgramDocument Program = ProgramDocument.Parse(
        """{"offers":[{"id":"o1","title":"A","coupon":{"codes":["spring-1"],"prefix":"SPRING"},"holdSeconds":600},{"id":"o2","title":"B","coupon":{}}]}"""u8.ToArray());

    [Fact]
    public void Coupon_is_held_for_one_customer_until_the_hold_ends()
    {
        var coupon = Coupon("SPRING-1");

        Assert.Equal(("", "o1"), Hold(coupon, 1, 11));
        Assert.Equal(("held_by_other", ""), Hold(coupon, 1, 12));
        Assert.Equal(("", "o1"), Hold(coupon, 1 + 5 * Minute, 11));
        Assert.Equal(Story.Ms(1 + 16 * Minute), coupon.State.NextWakeMs);
        coupon.Reload().Own(EntryTypes.Wake, 1 + 16 * Minute, "{}");

        Assert.Equal(0, coupon.State.NextWakeMs);
        Assert.Equal(("", "o1"), Hold(coupon, 1 + 17 * Minute, 12));
    }

    [Fact]
    public void Coupon_is_good_for_one_order_and_for_another_when_that_is_cancelled()
    {
        var coupon = Coupon("SPRING-1");
        var (first, second) = (new Story("default/user:u1", Program), new Story("default/user:u2", Program));
        Order(first, 1, "a", "spring-1");
        Order(second, 1, "b", "SPRING-1");

        coupon.Receive(Sent(first)).Receive(Sent(second));
        Assert.Equal("used", Story.Json(ReserveFold.Render(coupon.State, Program)).GetProperty("status").GetString());
        Assert.Equal(("used", ""), Hold(coupon, 2, 11));
        first.Cancel(2, "a");
        coupon.Receive(Sent(first));
        Assert.Equal(("", "o1"), Hold(coupon, 2, 11));
    }

    [Fact]
    public void Held_coupon_goes_to_its_holder_whoever_orders_first()
    {
        var coupon = Coupon("SPRING-1");
        var holder = new Story(program: Program);
        Hold(coupon, 1, 11);
        var made = Decide(holder, new CouponHold("SPRING-1", CouponHold.Held, "o1", 11, Story.Ms(1 + 10 * Minute)));
        holder.Own(EntryTypes.DecisionMade, 1, Encoding.UTF8.GetString(made.Note)).Reload();
        var other = new Story("default/user:u2", Program);
        Order(other, 1 + Minute, "b", "SPRING-1");
        coupon.Receive(Sent(other));
        Order(holder, 1 + 2 * Minute, "a", "SPRING-1");

        coupon.Receive(Sent(holder));
        other.Cancel(1.5, "b");
        coupon.Receive(Sent(other));

        Assert.Equal("used", Story.Json(ReserveFold.Render(coupon.State, Program)).GetProperty("status").GetString());
    }

    [Fact]
    public void Offer_with_coupon_is_shown_to_who_has_one_and_recomputed_the_same()
    {
        var story = new Story(program: Program);

        var without = Decide(story);
        var made = Decide(story, new CouponHold("SPRING-1", CouponHold.Held, "o1", 11, Story.Ms(1 + 10 * Minute)), new CouponHold("X-1", "unknown", "", 0, 0));

        Assert.Empty(Story.Json(without.Answer).GetProperty("offers").EnumerateArray());
        Assert.Equal("o1", Assert.Single(Story.Json(made.Answer).GetProperty("offers").EnumerateArray()).GetProperty("offerId").GetString());
        Assert.Equal(["held", "unknown"], Story.Json(made.Answer).GetProperty("coupons").EnumerateArray().Select(c => c.GetProperty("status").GetString()));
        Assert.Equal(made.Answer, DecisionNote.Read(made.Note).Recompute(story.State, Program, new DecisionId(7, 0, 1)));
    }

    [Fact]
    public void Code_that_was_made_is_known_and_one_that_nobody_made_is_not()
    {
        var coupon = Coupon("SPRING-ABCDEFGHJK");
        Assert.Equal(("unknown", ""), Hold(coupon, 1, 11));

        coupon.Own(EntryTypes.CouponIssued, 1, Encoding.UTF8.GetString(ReserveMessages.Issue(Program.Offers[0].Key)));

        Assert.Equal(("", "o1"), Hold(coupon, 1, 11));
    }

    [Fact]
    public void Code_of_another_system_is_left_alone()
    {
        var story = new Story(program: Program);

        Order(story, 1, "a", "WELCOME10");

        Assert.Empty(story.Output.Outgoing);
    }

    private static Story Coupon(string code) => new(ReserveKeys.Coupon("default", code), Program);

    private static void Order(Story story, double day, string id, string coupon) =>
        story.Track(day, "Order Completed", $$"""{"order_id":"{{id}}","revenue":20,"coupon":"{{coupon}}"}""");

    private static OutgoingEntry Sent(Story story) => Assert.Single(story.Output.Outgoing, o => o.Entry is not null).Entry!;

    private static (string Code, string Offer) Hold(Story coupon, double day, ulong holder)
    {
        coupon.Own(EntryTypes.CouponHold, day, Encoding.UTF8.GetString(ReserveMessages.Hold(holder)));
        return (coupon.Output.Command!.Code, coupon.Output.Command.Detail);
    }

    private static Decision Decide(Story story, params CouponHold[] coupons) => Decider.Decide(
        story.State, story.Program, new DecisionQuestion("checkout", "EUR", 50_000_000, [], 3, coupons), DecisionTables.Empty, new DecisionId(7, 0, 1),
        Story.Ms(1), false);
}
