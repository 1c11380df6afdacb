using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Consent;

public sealed class ConsentTests
{
    private const string Email = """{"purpose":"marketing","channel":"email","granted":true}""";
    private const string NoEmail = """{"purpose":"marketing","channel":"email","granted":false}""";
    private const string Nothing = """{"purpose":"marketing","granted":false}""";

    [Fact]
    public void Customer_who_said_nothing_is_as_the_program_has_it()
    {
        var story = new Story().Page(0);
        Assert.False(IsGranted(story, "marketing", "email"));
        Assert.True(IsGranted(story, "service", "email"));
        Assert.False(IsGranted(story, "profiling", "email"));
        Assert.Equal(
            """{"marketing":{"*":{"granted":false,"since":null}},"service":{"*":{"granted":true,"since":null}}}""",
            story.Profile.GetProperty("consent").GetRawText());
    }

    [Fact]
    public void Consent_shows_with_its_instant()
    {
        var consent = Changed(new Story(), 3, Email).Reload().Profile.GetProperty("consent").GetProperty("marketing");
        Assert.Equal($$"""{"granted":true,"since":"{{Story.At(3)}}"}""", consent.GetProperty("email").GetRawText());
        Assert.False(consent.GetProperty("*").GetProperty("granted").GetBoolean());
    }

    [Fact]
    public void Older_consent_does_not_replace_a_newer_withdrawal()
    {
        var story = Changed(Changed(new Story(), 5, NoEmail), 4, Email);
        Assert.False(IsGranted(story, "marketing", "email"));
        Assert.True(IsGranted(Changed(story, 6, Email), "marketing", "email"));
    }

    [Fact]
    public void Of_one_instant_the_withdrawal_wins()
    {
        Assert.False(IsGranted(Changed(Changed(new Story(), 5, NoEmail), 5, Email), "marketing", "email"));
        Assert.False(IsGranted(Changed(Changed(new Story(), 5, Email), 5, NoEmail), "marketing", "email"));
    }

    [Fact]
    public void Withdrawal_for_every_channel_ends_older_grants_of_each()
    {
        var story = Changed(Changed(new Story(), 1, Email), 2, Nothing);
        Assert.False(IsGranted(story, "marketing", "email"));
        Assert.True(IsGranted(Changed(story, 3, Email), "marketing", "email"));
        Assert.False(IsGranted(story, "marketing", "sms"));
    }

    [Fact]
    public void Several_are_said_at_once()
    {
        var story = Changed(new Story(), 1, """{"consents":[{"purpose":"Marketing","channel":"SMS","granted":true},{"purpose":"service","granted":false}]}""");
        Assert.True(IsGranted(story, "marketing", "sms"));
        Assert.False(IsGranted(story, "service", "post"));
    }

    [Theory]
    [InlineData("""{"channel":"email","granted":true}""", "invalid_purpose")]
    [InlineData("""{"purpose":"mark eting","granted":true}""", "invalid_purpose")]
    [InlineData("""{"purpose":"marketing","channel":7,"granted":true}""", "invalid_channel")]
    [InlineData("""{"purpose":"marketing","granted":"yes"}""", "invalid_granted")]
    [InlineData("""{"consents":[]}""", "invalid_consents")]
    [InlineData("""{"consents":[{"purpose":"marketing","granted":true},{"purpose":"marketing"}]}""", "invalid_granted")]
    public void Malformed_consent_is_refused_and_changes_nothing_by_what_is_at_fault(string properties, string code)
    {
        Assert.Equal(code, EventCheck.Check(EntryTypes.Track, Encoding.UTF8.GetBytes(Payload(properties)))!.Code);
        Assert.Null(EventCheck.Check(EntryTypes.Track, Encoding.UTF8.GetBytes(Payload(Email))));
        Changed(new Story(), 0, properties);
    }

    [Fact]
    public void Alert_suggests_no_channel_without_consent_and_follows_a_change()
    {
        var story = new Story().Order(0, "a", 100).Order(7, "b", 100).Order(14, "c", 100);
        story.Wake(story.State.NextWakeMs);
        var id = Assert.Single(story.OpenAlerts);
        Assert.Equal(["Check open tickets and late deliveries", "Have a personal offer ready for the next visit"], Suggested(story.Alert(id)));

        var day = (story.State.NewestMs - Story.StartMs) / 86_400_000.0 + 1;
        Changed(story, day, Email);
        var sent = Story.Json(Assert.Single(story.Output.Outgoing).Alert);
        Assert.Contains("Write to ask what is missing, with a personal voucher", Suggested(sent));
        Assert.DoesNotContain("Call to ask what is missing", Suggested(sent));
        Assert.True(sent.GetProperty("customer").GetProperty("consent").GetProperty("marketing").GetProperty("email").GetProperty("granted").GetBoolean());

        Changed(story, day + 1, Nothing);
        Assert.DoesNotContain("Write to ask what is missing, with a personal voucher", Suggested(Story.Json(Assert.Single(story.Output.Outgoing).Alert)));
        Changed(story, day - 1, Email);
        Assert.Empty(story.Output.Outgoing);
    }

    [Fact]
    public void Program_sets_what_holds_by_default()
    {
        var program = ProgramDocument.Parse("""{"consent":{"news":{"*":true,"sms":false}}}"""u8);
        var story = new Story(program: program).Page(0);
        Assert.True(IsGranted(story, "news", "email"));
        Assert.False(IsGranted(story, "news", "sms"));
        Assert.False(IsGranted(story, "service", "email"));
        Assert.Equal(Encoding.UTF8.GetString(program.ToJson()), Encoding.UTF8.GetString(ProgramDocument.Parse(program.ToJson()).ToJson()));
    }

    [Fact]
    public void Program_names_every_fault_of_consent_and_actions()
    {
        var error = Assert.Throws<ProgramException>(() => ProgramDocument.Parse("""
            {"consent":{"News!":{"*":true},"news":{"e mail":true,"sms":"no"},"other":{}},
            "alerts":{"churnRisk":{"suggestedActions":[{"text":"Ring","channel":"phone"},7,"",{"text":"Write","purpose":"news","channel":"email","to":1}]}}}
            """u8));
        Assert.Equal(
            [
                "alerts.churnRisk.suggestedActions[0]", "alerts.churnRisk.suggestedActions[1]", "alerts.churnRisk.suggestedActions[2]",
                "alerts.churnRisk.suggestedActions[3].to", "consent.News!", "consent.news.e mail", "consent.news.sms", "consent.other",
            ],
            error.Faults.Select(f => f.Field).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Words_without_end_are_refused_and_none_is_forgotten()
    {
        var story = new Story();
        for (var i = 0; i < Bounds.ConsentsMax; i++)
            Changed(story, i, $$"""{"purpose":"p{{i}}","granted":true}""");
        Assert.Throws<StateBoundException>(() => Changed(story, 200, """{"purpose":"one-more","granted":true}"""));
    }

    private static bool IsGranted(Story story, string purpose, string channel) =>
        Consents.IsGranted(story.State, story.Program, purpose, channel);

    private static Story Changed(Story story, double day, string properties) => story.Track(day, "Consent Changed", properties);

    private static string Payload(string properties) => $$"""{"type":"track","event":"Consent Changed","userId":"u1","properties":{{properties}}}""";

    private static string[] Suggested(JsonElement alert) => [.. alert.GetProperty("suggestedActions").EnumerateArray().Select(a => a.GetString()!)];
}
