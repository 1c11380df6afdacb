using System.Globalization;
using System.Text.Json;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Alerts;

/// <summary>
/// The alerts of a desk that are over, newest first. The journal keeps of each when it ended; what else it is its customer knows, whose alerts
/// the page is filled with. One that its customer remembers no more, or whose customer was erased, is left out.
/// </summary>
internal sealed class FinishedAlerts(IJournal journal, AlertCommands alerts, TimeProvider time)
{
    /// <summary>Alerts asked for at once.</summary>
    private const int AtOnce = 50;

    /// <summary>Rows of one look back; more than that within one look, and it looks less far.</summary>
    private const int RowsMax = 5_000;

    /// <summary>What one request looks at: with a narrow filter a page may be short and still have one after it.</summary>
    private const int LookedAtMax = 1_000;

    private static readonly TimeSpan FirstLook = TimeSpan.FromHours(1);

    /// <summary>How long the journal keeps them by default.</summary>
    private static readonly TimeSpan LookBackMax = TimeSpan.FromDays(400);

    /// <param name="desk">Its name within the tenant.</param>
    /// <param name="after">Where the page before ended; the greatest values for the first page.</param>
    /// <returns>Null when the engine cannot answer.</returns>
    /// <exception cref="JournalException">The database cannot.</exception>
    public async Task<FinishedPage?> ReadAsync(
        string tenant, string desk, (long Ms, string Alert) after, AlertFilter filter, int limit, CancellationToken cancellation)
    {
        var page = new List<byte[]>();
        var rows = await FindAsync(tenant, desk, after, LookedAtMax, cancellation);
        for (var start = 0; start < rows.Count; start += AtOnce)
        {
            var asked = rows.GetRange(start, Math.Min(AtOnce, rows.Count - start));
            var answers = await Task.WhenAll(asked.Select(row => alerts.GetAsync(tenant, row.AlertId)));
            for (var i = 0; i < answers.Length; i++)
            {
                if (answers[i].Code == AlertCommands.Unavailable)
                    return null;
                if (!answers[i].IsDone || !Takes(filter, answers[i].Alert))
                    continue;
                page.Add(answers[i].Alert);
                if (page.Count == limit)
                    return new FinishedPage(page, start + i + 1 < rows.Count ? CursorOf(asked[i]) : null);
            }
        }

        return new FinishedPage(page, rows.Count == LookedAtMax ? CursorOf(rows[^1]) : null);
    }

    private static string CursorOf(FinishedAlert row) => string.Create(CultureInfo.InvariantCulture, $"{row.FinishedMs}.{row.AlertId}");

    // The table is read forwards, so the way back goes in steps, each longer than the last.
    private async Task<List<FinishedAlert>> FindAsync(string tenant, string desk, (long Ms, string Alert) after, int max, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var oldest = now - (long)LookBackMax.TotalMilliseconds;
        var found = new List<FinishedAlert>();
        var (until, width) = (Math.Min(after.Ms, now) + 1, (long)FirstLook.TotalMilliseconds);
        while (found.Count < max && until > oldest)
        {
            var rows = await journal.ReadFinishedAlertsAsync(tenant, desk, Math.Max(oldest, until - width), until, RowsMax, cancellation);
            if (rows.Length == RowsMax && width > 1)
            {
                width = Math.Max(1, width / 16);
                continue;
            }

            Array.Reverse(rows);
            found.AddRange(rows.Where(r => r.FinishedMs < after.Ms || (r.FinishedMs == after.Ms && string.CompareOrdinal(r.AlertId, after.Alert) < 0)).Take(max - found.Count));
            (until, width) = (until - width, width * 4);
        }

        return found;
    }

    private static bool Takes(AlertFilter filter, byte[] alert)
    {
        using var parsed = JsonDocument.Parse(alert);
        return filter.Takes(parsed.RootElement);
    }
}

/// <param name="Alerts">UTF-8 JSON each.</param>
internal sealed record FinishedPage(List<byte[]> Alerts, string? Next);
