using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>When customers are left alone, by the clock on their wall.</summary>
/// <param name="FromMinute">Of the day; 0 to 1,439. The same as <paramref name="UntilMinute"/> for never.</param>
/// <param name="UntilMinute">Exclusive; before <paramref name="FromMinute"/> where the night is meant.</param>
/// <param name="TimeZone">Of customers whose trait <c>timezone</c> names none that is known.</param>
public sealed record QuietHours(int FromMinute = 0, int UntilMinute = 0, string TimeZone = "UTC")
{
    private const long MinuteMs = 60_000;
    private const int DayMinutes = 1_440;

    /// <summary>The first instant from this one on that is not quiet, in whole seconds where it is a later one.</summary>
    internal long EndMs(long ms, ZoneClock zone)
    {
        if (FromMinute == UntilMinute)
            return ms;
        var offset = zone.OffsetAt(ms);
        var ofDayMs = (((ms + (offset * MinuteMs)) % UtcDay.Ms) + UtcDay.Ms) % UtcDay.Ms;
        var minute = (int)(ofDayMs / MinuteMs);
        var isQuiet = FromMinute < UntilMinute ? minute >= FromMinute && minute < UntilMinute : minute >= FromMinute || minute < UntilMinute;
        if (!isQuiet)
            return ms;
        var untilMinute = UntilMinute + (minute >= UntilMinute ? DayMinutes : 0);
        var endMs = ms + (untilMinute * MinuteMs) - ofDayMs;

        // Clocks may have been changed in between.
        return UtcDay.CeilingSecond(Math.Max(ms + 1, endMs + ((offset - zone.OffsetAt(endMs)) * MinuteMs)));
    }
}
