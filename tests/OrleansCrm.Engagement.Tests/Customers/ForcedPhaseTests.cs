using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Lifecycle;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class ForcedPhaseTests
{
    [Fact]
    public void Forced_phase_stands_until_a_rule_moves_the_customer()
    {
        var story = Force(new Story().Order(0, "a"), 1, "advocacy");
        Assert.Equal(("advocacy", Story.At(1)), (story.Phase, story.PhaseSince));
        Assert.Equal("forced", story.Profile.GetProperty("phaseReason").GetString());
        Assert.Contains("phase forced: because", story.Notes);
        Assert.Contains("phase advocacy", story.Notes);

        story.Reload().Page(5);
        Assert.Equal("advocacy", story.Phase);
        story.Wake(14.0);
        Assert.Equal(("bonding", Story.At(14)), (story.Phase, story.PhaseSince));
    }

    [Fact]
    public void Rules_decide_again_when_it_is_taken_back()
    {
        var story = Force(new Story().Order(0, "a"), 1, "lost");
        Assert.Equal("lost", story.Phase);
        Force(story, 2, "");
        Assert.Equal(("purchase", Story.At(0)), (story.Phase, story.PhaseSince));
    }

    [Theory]
    [InlineData("recapture")]
    [InlineData("lost")]
    public void Order_brings_back_who_was_given_up(string phase)
    {
        var story = Force(new Story().Order(0, "a").Order(1, "b").Order(2, "c"), 3, phase);
        story.Order(5, "d").Order(6, "e");
        Assert.Equal(("loyalty", Story.At(5)), (story.Phase, story.PhaseSince));
        story.Cancel(7, "d").Cancel(7, "e");
        Assert.Equal((phase, Story.At(3)), (story.Phase, story.PhaseSince));
    }

    [Fact]
    public void Risk_is_judged_by_the_rules_whatever_the_phase()
    {
        var story = Force(new Story().Order(0, "a").Order(10, "b").Order(20, "c"), 21, "advocacy").WakeWhenDue(2_000, 1);
        Assert.Equal("recapture", story.Phase);
        Assert.Single(story.OpenAlerts);
    }

    private static Story Force(Story story, double day, string phase) =>
        story.Own(EntryTypes.PhaseForce, day, Encoding.UTF8.GetString(PhaseCommands.Force(phase, "because", "ada")));
}
