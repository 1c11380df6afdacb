using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class BirthdayTests
{
    private const double LeapYear = 366;

    private static readonly ProgramDocument Program = ProgramDocument.Parse("""{"loyalty":{"bonuses":{"birthday":50,"birthdayFrom":"2024-02-01"}}}"""u8);

    [Theory]
    [InlineData("1990-03-01", 60)]
    [InlineData("03-01", 60)]
    [InlineData("--03-01", 60)]
    [InlineData("1990-03-01T00:00:00Z", 60)]
    [InlineData("2000-02-29", 59)]
    [InlineData("1990-01-20", 366 + 19)]
    public void Birthday_earns_at_the_beginning_of_the_day_once_a_year(string birthday, double day)
    {
        var story = new Story(program: Program).Identify(1, $$"""{"birthday":"{{birthday}}"}""");
        Assert.Equal(Story.Ms(day), story.State.NextWakeMs);
        story.Reload().Wake(Story.Ms(day) - 1_000);
        Assert.Equal(0, story.Points);
        story.Wake(Story.Ms(day)).Wake(Story.Ms(day)).Page(day + 0.5).Identify(day + 0.6, $$"""{"birthday":"{{birthday}}"}""");
        Assert.Equal(50, story.Points);
        Assert.Equal(Story.Ms(day + 365), story.State.NextWakeMs);
        Assert.Equal(0, story.State.Ledger!.Sum);
    }

    [Fact]
    public void Every_birthday_of_a_long_silence_is_met_on_its_day()
    {
        var story = new Story(program: Program).Identify(1, """{"birthday":"02-29"}""").Page(LeapYear + 365 + 365 + 365 + 100);
        Assert.Equal(250, story.Points);
        Assert.Equal(["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
            story.State.Loyalty!.Credits!.Select(c => Engagement.Customers.Rendering.Instant(c.TimeMs)[..10]));
    }

    [Fact]
    public void What_a_browser_claims_earns_nothing()
    {
        var story = new Story(program: Program).Own(EntryTypes.BrowserIdentify, 1, """{"type":"identify","traits":{"birthday":"03-01"}}""");
        Assert.Equal(0, story.State.NextWakeMs);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("1990-13-01")]
    [InlineData("1990-02-30")]
    [InlineData("01/03/1990")]
    public void What_is_no_date_earns_nothing(string birthday) =>
        Assert.Equal(0, new Story(program: Program).Identify(1, $$"""{"birthday":"{{birthday}}"}""").State.NextWakeMs);

    [Fact]
    public void Bonus_needs_the_day_of_its_introduction() =>
        Assert.Equal(
            "loyalty.bonuses.birthdayFrom",
            Assert.Single(Assert.Throws<ProgramException>(() => ProgramDocument.Parse(Encoding.UTF8.GetBytes("""{"loyalty":{"bonuses":{"birthday":50}}}"""))).Faults).Field);
}
