using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Tests.Triggers;

public sealed class ZoneClockTests
{
    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("Europe/London")]
    [InlineData("Europe/Dublin")]
    [InlineData("America/New_York")]
    [InlineData("America/St_Johns")]
    [InlineData("America/Santiago")]
    [InlineData("America/Sao_Paulo")]
    [InlineData("Australia/Sydney")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Pacific/Chatham")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Asia/Tokyo")]
    [InlineData("Asia/Jerusalem")]
    [InlineData("UTC")]
    public void Clocks_show_what_the_machine_says_they_do(string name)
    {
        var (clock, known) = (ZoneClock.Find(name)!, TimeZoneInfo.FindSystemTimeZoneById(name));

        for (var at = new DateTimeOffset(2025, 1, 1, 0, 30, 0, TimeSpan.Zero); at.Year < 2028; at = at.AddHours(3))
            Assert.Equal((at, known.GetUtcOffset(at).TotalMinutes), (at, clock.OffsetAt(at.ToUnixTimeMilliseconds())));
    }

    [Theory]
    [InlineData("Mars/Olympus")]
    [InlineData("europe/berlin")]
    [InlineData("")]
    public void What_is_no_zone_is_none(string name) => Assert.Null(ZoneClock.Find(name));

    [Theory]
    [InlineData("2026-07-01T19:59:00Z", "2026-07-01T19:59:00Z")]
    [InlineData("2026-07-01T20:00:00Z", "2026-07-02T06:00:00Z")]
    [InlineData("2026-07-02T05:59:59.5Z", "2026-07-02T06:00:00Z")]
    [InlineData("2026-07-02T06:00:00Z", "2026-07-02T06:00:00Z")]
    [InlineData("2026-10-24T21:00:00Z", "2026-10-25T07:00:00Z")]
    [InlineData("2026-03-28T21:30:00Z", "2026-03-29T06:00:00Z")]
    public void Night_ends_by_the_clock_on_the_wall(string from, string until)
    {
        var night = new QuietHours(22 * 60, 8 * 60);

        Assert.Equal(Ms(until), night.EndMs(Ms(from), ZoneClock.Find("Europe/Berlin")!));
    }

    [Fact]
    public void Hours_of_the_day_can_be_quiet_too()
    {
        var lunch = new QuietHours(12 * 60, 13 * 60);

        Assert.Equal(Ms("2026-07-01T13:00:00Z"), lunch.EndMs(Ms("2026-07-01T12:30:00Z"), ZoneClock.Utc));
        Assert.Equal(Ms("2026-07-01T14:00:00Z"), lunch.EndMs(Ms("2026-07-01T14:00:00Z"), ZoneClock.Utc));
        Assert.Equal(Ms("2026-07-01T14:00:00Z"), new QuietHours().EndMs(Ms("2026-07-01T14:00:00Z"), ZoneClock.Utc));
    }

    private static long Ms(string instant) => DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
}
