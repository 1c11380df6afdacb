using System.Globalization;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Tests.Identity;

namespace OrleansCrm.Engagement.Tests.Feedback;

public sealed class FeedbackTests
{
    [Fact]
    public void Answers_count_by_the_usual_formulas()
    {
        var story = new Story();
        foreach (var score in new[] { 5, 4, 3, 1 })
            Survey(story, 1, "csat", score);
        foreach (var score in new[] { 10, 9, 8, 0 })
            Survey(story, 1, "nps", score);
        foreach (var score in new[] { 7, 4 })
            Survey(story, 1, "ces", score);
        Review(story, 1, "r1", 5);
        Review(story, 1, "r2", 2);

        Assert.Equal("50 / 25 / 5.5 / 3.5", Numbers(story));
        var sums = Contribution.Sums(story.State, story.Program).ToDictionary(s => s.Metric, s => s.Value);
        Assert.Equal((4, 2, 4, 2, 1), (sums["csat.answers"], sums["csat.good"], sums["nps.answers"], sums["nps.good"], sums["nps.bad"]));
    }

    [Fact]
    public void Newest_answer_of_a_survey_counts_whichever_comes_first()
    {
        var story = new Story();
        Survey(story, 3, "csat", 5, "s1");
        Survey(story, 2, "csat", 1, "s1");
        Review(story, 5, "r1", 1);
        Review(story, 6, "r1", 4);
        Assert.Equal("100 / - / - / 4", Numbers(story));
    }

    [Fact]
    public void Old_answers_stay_as_counts_and_the_state_stays_small()
    {
        var story = new Story();
        for (var i = 0; i < 300; i++)
            Survey(story, i, "csat", i % 2 == 0 ? 5 : 1);
        story.Reload();
        Assert.Equal("50 / - / - / -", Numbers(story));
        Assert.Equal(300, story.Profile.GetProperty("feedback").GetProperty("answers").GetProperty("csat").GetInt64());
        Assert.Equal(Bounds.AnswersMax, story.State.Feedback!.Answers.Count);
    }

    [Fact]
    public void What_a_browser_says_of_a_product_is_no_review()
    {
        var story = new Story();
        story.Own(EntryTypes.BrowserTrack, 1, """{"event":"Product Reviewed","properties":{"review_id":"r","rating":5}}""");
        Assert.Equal("- / - / - / -", Numbers(story));
    }

    [Fact]
    public void Answers_of_both_ids_are_the_persons()
    {
        var home = new Household();
        home.Do("anonymous:a", s => Survey(s, 1, "csat", 5, "s1"));
        home.Do("user:u", s => Survey(s, 2, "csat", 1, "s1"));
        home.Do("anonymous:a", s => Survey(s, 2, "nps", 9));
        home.SignIn("user:u", 3, "anonymous:a").DeliverAll();
        Assert.Equal("0 / 100 / - / -", Numbers(home["user:u"]));
    }

    [Theory]
    [InlineData("nps", 9, "advocacy")]
    [InlineData("nps", 8, "bonding")]
    [InlineData("csat", 5, "bonding")]
    public void Bonded_customer_who_praises_is_an_advocate(string kind, int score, string phase)
    {
        var story = new Story().Order(1, "a").Order(2, "b");
        Survey(story, 3, kind, score);
        Assert.Equal(phase, story.Phase);
    }

    [Fact]
    public void Advocate_is_one_until_speaking_ill_and_again_after_praise()
    {
        var story = new Story().Order(1, "a").Order(2, "b");
        Review(story, 1.5, "r1", 4);
        Assert.Equal(("advocacy", Story.At(2), "praised"), (story.Phase, story.PhaseSince, story.Profile.GetProperty("phaseReason").GetString()));
        Survey(story, 5, "nps", 6);
        Assert.Equal(("bonding", Story.At(2)), (story.Phase, story.PhaseSince));
        Review(story, 6, "r2", 5);
        Assert.Equal(("advocacy", Story.At(6)), (story.Phase, story.PhaseSince));
    }

    [Fact]
    public void First_days_of_bonding_have_a_checklist()
    {
        var story = new Story().Order(1, "a").Order(1.1, "b");
        var onboarding = story.Profile.GetProperty("onboarding");
        Assert.Equal(Story.At(31.1), onboarding.GetProperty("until").GetString());
        Assert.Equal((true, false, false), Checked());
        story.Page(2.5);
        Review(story, 3, "r", 3);
        Assert.Equal((true, true, true), Checked());
        story.Page(31.2);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, story.Profile.GetProperty("onboarding").ValueKind);

        (bool, bool, bool) Checked()
        {
            var list = story.Profile.GetProperty("onboarding");
            return (list.GetProperty("account").GetBoolean(), list.GetProperty("secondVisit").GetBoolean(), list.GetProperty("firstReview").GetBoolean());
        }
    }

    private static void Survey(Story story, double day, string kind, int score, string survey = "") => story.Track(
        day,
        "Survey Answered",
        string.Create(CultureInfo.InvariantCulture, $$"""{"kind":"{{kind}}","score":{{score}}{{(survey.Length > 0 ? $",\"survey_id\":\"{survey}\"" : "")}}}"""));

    private static void Review(Story story, double day, string review, int rating) => story.Track(
        day, "Product Reviewed", string.Create(CultureInfo.InvariantCulture, $$"""{"review_id":"{{review}}","product_id":"p","rating":{{rating}}}"""));

    private static string Numbers(Story story)
    {
        var feedback = story.Profile.GetProperty("feedback");
        return string.Join(" / ", new[] { "csat", "nps", "ces", "rating" }
            .Select(n => feedback.GetProperty(n).ValueKind == System.Text.Json.JsonValueKind.Null ? "-" : feedback.GetProperty(n).GetRawText()));
    }
}
