using System.Globalization;

namespace OrleansCrm.Server.Http;

/// <summary>The page that a list answers with.</summary>
internal static class Paging
{
    public const int LimitMax = 500;

    private const int LimitDefault = 50;

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

    /// <summary>Answers with a page of a list that is at hand as a whole.</summary>
    /// <param name="idOf">Names a row within the list: the page after it starts behind the row that the cursor names.</param>
    public static async Task WriteAsync<T>(HttpContext context, IReadOnlyList<T> rows, Func<T, string> idOf, Func<T, object> shown)
    {
        if (await ReadLimitAsync(context) is not { } limit)
            return;
        var start = 0;
        if (context.Request.Query["after"] is [{ } cursor])
        {
            while (start < rows.Count && idOf(rows[start]) != cursor)
                start++;
            if (start++ == rows.Count)
            {
                await Problems.WriteAsync(context, 400, "invalid_cursor", "\"after\" is what an earlier answer gave as \"next\", and the row it names may be gone.");
                return;
            }
        }

        var page = rows.Skip(start).Take(limit).ToArray();
        var next = start + page.Length < rows.Count ? idOf(page[^1]) : null;
        await JsonBodies.WriteAsync(context, 200, new { items = page.Select(shown).ToArray(), next });
    }
}
