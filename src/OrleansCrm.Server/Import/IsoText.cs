using System.Globalization;

namespace OrleansCrm.Server.Import;

internal static class IsoText
{
    /// <summary>UTC with milliseconds, the form in which every time is written.</summary>
    public static string Of(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
