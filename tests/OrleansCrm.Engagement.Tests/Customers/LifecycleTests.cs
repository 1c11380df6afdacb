namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class LifecycleTests
{
    [Fact]
    public void Any_event_is_attention_and_interest_is_orientation()
    {
        var story = new Story().Page(1);
        Assert.Equal(("attention", Story.At(1)), (story.Phase, story.PhaseSince));
        story.Track(2, "Product Viewed", """{"name":"Cup"}""");
        Assert.Equal(("orientation", Story.At(2)), (story.Phase, story.PhaseSince));
        Assert.Equal(["phase orientation"], story.Notes);
    }

    [Fact]
    public void Sign_up_is_orientation()
    {
        Assert.Equal("orientation", new Story().Identify(1, """{"email":"a@example.com"}""").Phase);
    }

    [Fact]
    public void First_order_is_purchase_and_time_alone_makes_it_bonding_at_the_exact_instant()
    {
        var story = new Story().Order(1.25, "a");
        Assert.Equal(("purchase", Story.At(1.25)), (story.Phase, story.PhaseSince));
        Assert.Equal(Story.Ms(15.25), story.State.NextWakeMs);
        story.Wake(story.State.NextWakeMs);
        Assert.Equal(("bonding", Story.At(15.25)), (story.Phase, story.PhaseSince));
        Assert.Equal(0, story.State.NextWakeMs);
    }

    [Fact]
    public void Wake_instant_is_rounded_up_to_the_whole_second()
    {
        var story = new Story().Order(1 + 1 / 86_400_000.0, "a");
        Assert.Equal(Story.Ms(15) + 1_000, story.State.NextWakeMs);
    }

    [Fact]
    public void Delivery_begins_bonding()
    {
        var story = new Story().Order(1, "a").Track(3, "Order Delivered", """{"order_id":"a"}""");
        Assert.Equal(("bonding", Story.At(3)), (story.Phase, story.PhaseSince));
    }

    [Fact]
    public void Second_order_begins_bonding_and_orders_on_three_days_are_loyalty()
    {
        var story = new Story().Order(1, "a").Order(1.5, "b");
        Assert.Equal(("bonding", Story.At(1.5)), (story.Phase, story.PhaseSince));
        story.Order(8, "c");
        Assert.Equal("bonding", story.Phase);
        story.Order(15, "d");
        Assert.Equal(("loyalty", Story.At(15)), (story.Phase, story.PhaseSince));
    }

    [Fact]
    public void Silence_leads_to_recapture_then_lost_and_an_order_returns()
    {
        var story = new Story().Order(0, "a").Order(7, "b").Order(14, "c");
        var atRisk = story.State.NextWakeMs;
        story.Wake(atRisk);
        Assert.Equal(("recapture", Rendered(atRisk)), (story.Phase, story.PhaseSince));
        var lost = story.State.NextWakeMs;
        Assert.True(lost > atRisk);
        story.Wake(lost);
        Assert.Equal(("lost", Rendered(lost)), (story.Phase, story.PhaseSince));
        Assert.Equal(0, story.State.NextWakeMs);

        story.Order(2_000, "d");
        Assert.Equal(("loyalty", Story.At(2_000)), (story.Phase, story.PhaseSince));
    }

    [Fact]
    public void History_is_lived_through_at_its_own_instants()
    {
        var woken = new Story().Order(0, "a").Order(7, "b").Order(14, "c").WakeWhenDue(999).Page(1_000);
        var imported = new Story().Order(0, "a").Order(7, "b").Order(14, "c").Page(1_000);
        Assert.Equal(woken.Digest, imported.Digest);
        Assert.Equal(
            ["phase recapture", "alert raised churn_risk", "phase lost", "alert withdrawn churn_risk"], imported.Notes);
        Assert.Equal(2, imported.Output.Outgoing.Count);
        Assert.Equal([0, 1], imported.Output.Outgoing.Select(o => o.Index));
    }

    [Fact]
    public void Late_order_slots_in_and_does_not_turn_the_clock_back()
    {
        var story = new Story().Order(20, "b").Page(30);
        Assert.Equal("purchase", story.Phase);
        story.Order(10, "a");
        Assert.Equal(("bonding", Story.At(20)), (story.Phase, story.PhaseSince));
        Assert.Equal(Story.Ms(30), story.State.NewestMs);
    }

    [Fact]
    public void Cancelling_the_only_order_takes_the_phase_back()
    {
        var story = new Story().Identify(1, "{}").Order(2, "a").Cancel(3, "a");
        Assert.Equal(("orientation", Story.At(1)), (story.Phase, story.PhaseSince));
        Assert.Equal(0, story.State.NextWakeMs);
    }

    [Fact]
    public void Wake_without_anything_due_changes_nothing()
    {
        var story = new Story().Order(1, "a");
        var before = story.Digest;
        story.Wake(5);
        Assert.Equal(before, story.Digest);
        Assert.Empty(story.Output.Notes);
        Assert.Equal(2, story.State.Version);
    }

    private static string Rendered(long ms) => Engagement.Customers.Rendering.Instant(ms);
}
