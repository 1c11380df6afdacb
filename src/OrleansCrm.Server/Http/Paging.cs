using System.Globalization;

namespace OrleansCrm.Server.Http;

/// <summary>The page that a list answers with.</summary>
internal static class Paging
{
    public const int LimitDefault = 50;
    public const int LimitMax = 500;

    /// <returns>Null when a problem has been answered instead.</returns>
    public static async Task<int?> ReadLimitAsync(HttpContext context)
    {
        if (context.Request.Query["limit"] is not [{ } text])
            return LimitDefault;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LimitMax)
            return limit;
        await Problems.WriteAsync(context, 400, "invalid_limit", $"\"limit\" is a number from 1 to {LimitMax}.");
        return null;
    }
}
