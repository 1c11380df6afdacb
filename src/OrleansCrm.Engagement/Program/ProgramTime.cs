using System.Globalization;

namespace OrleansCrm.Engagement.Program;

/// <summary>Instants and days as program documents write them, in UTC.</summary>
internal static class ProgramTime
{
    public const string InstantForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    public const string InstantRule = "an instant as 2026-07-01T00:00:00Z";
    private const string FineInstantForm = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <param name="ms">Unix milliseconds; 0 for what is not of the form.</param>
    public static bool TryParse(string text, string form, out long ms)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var isInstant = DateTime.TryParseExact(text, form, CultureInfo.InvariantCulture, Utc, out var instant);
        ms = isInstant ? new DateTimeOffset(instant).ToUnixTimeMilliseconds() : 0;
        return isInstant;
    }

    public static string Text(long ms, string form) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString(form, CultureInfo.InvariantCulture);

    /// <summary>The instant of that name, 0 where there is none. What clocks write beyond the second is cut off: programs count in seconds.</summary>
    public static long Instant(ProgramSection section, string name)
    {
        TryParseInstant(section.Text(name, "", text => TryParseInstant(text, out _), InstantRule), out var ms);
        return ms;
    }

    private static bool TryParseInstant(string text, out long ms)
    {
        if (TryParse(text, InstantForm, out ms))
            return true;
        var isInstant = TryParse(text, FineInstantForm, out ms);
        ms -= ms % 1_000;
        return isInstant;
    }
}
