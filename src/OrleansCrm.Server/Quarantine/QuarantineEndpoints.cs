using System.Globalization;
using System.Text;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Quarantine;

/// <summary>What was refused for good: listed with its reason, and sent in again once the reason is gone.</summary>
internal static class QuarantineEndpoints
{
    private const int PageBytesMax = 4 << 20;
    private const int CodeLengthMax = 100;

    public static void MapQuarantine(this IEndpointRouteBuilder routes)
    {
        var quarantine = routes.MapGroup("/v1/quarantine").RequireAuthorization(Policies.Admin);
        quarantine.MapGet("", ListAsync);
        quarantine.MapPost("/replay", ReplayCodeAsync);
        quarantine.MapGet("/{id}", ShowAsync);
        quarantine.MapPost("/{id}/replay", ReplayAsync);
    }

    private static async Task ListAsync(HttpContext context, IQuarantineStore store)
    {
        if (await ReadPageAsync(context, long.MaxValue) is not (var code, var before, var limit))
            return;
        var tenant = context.User.Tenant();
        var rows = await store.ReadAsync(new QuarantineQuery(tenant, code, before, limit + 1, PageBytesMax), context.RequestAborted);
        var tally = await store.ReadTallyAsync(tenant, context.RequestAborted);

        // A page of fewer rows than asked for has ended with its bytes, or with the last row; the next page tells.
        var shown = rows.Take(limit).ToArray();
        var hasMore = rows.Length > limit || rows.Sum(row => (long)row.Raw.Length) >= PageBytesMax;
        await JsonBodies.WriteAsync(context, 200, new
        {
            items = shown.Select(Shown),
            next = hasMore ? IdOf(shown[^1]) : null,
            kept = tally.Rows,
            bytes = tally.Bytes,
            dropped = tally.Dropped,
        });
    }

    private static async Task ShowAsync(HttpContext context, string id, IQuarantineStore store)
    {
        if (await FindAsync(context, id, store) is { } row)
            await JsonBodies.WriteAsync(context, 200, Shown(row));
    }

    private static async Task ReplayAsync(HttpContext context, string id, IQuarantineStore store, Replayer replayer)
    {
        if (await FindAsync(context, id, store) is not { } row)
            return;
        if (await replayer.ReplayAsync(row) is { } replayed)
            await JsonBodies.WriteAsync(context, 200, Shown(replayed));
        else
            await Problems.WriteUnavailableAsync(context);
    }

    // Oldest first and one after the other: items of one customer come in as they came.
    private static async Task ReplayCodeAsync(HttpContext context, IQuarantineStore store, Replayer replayer)
    {
        if (await ReadPageAsync(context, 0) is not (var code, var after, var limit))
            return;
        if (code.Length == 0)
        {
            await Problems.WriteAsync(context, 400, "missing_code", "\"code\" names the items that are to be replayed.");
            return;
        }

        var rows = await store.ReadWaitingAsync(context.User.Tenant(), code, after, limit, context.RequestAborted);
        var replayed = 0;
        var failed = 0;
        foreach (var row in rows)
        {
            if (await replayer.ReplayAsync(row) is not { } now)
            {
                await Problems.WriteUnavailableAsync(context);
                return;
            }

            if (now.Status == QuarantineStatus.Replayed)
                replayed++;
            else
                failed++;
        }

        await JsonBodies.WriteAsync(context, 200, new { replayed, failed, next = rows.Length == limit ? IdOf(rows[^1]) : null });
    }

    private static async Task<QuarantineRow?> FindAsync(HttpContext context, string id, IQuarantineStore store)
    {
        if (TryParseId(id, out var number) && await store.FindAsync(context.User.Tenant(), number, context.RequestAborted) is { } row)
            return row;
        await Problems.WriteAsync(context, 404, "quarantined_not_found", "There is no such item; it may have made room for newer ones.");
        return null;
    }

    /// <returns>Null when a problem has been answered instead.</returns>
    private static async Task<(string Code, long Cursor, int Limit)?> ReadPageAsync(HttpContext context, long start)
    {
        var query = context.Request.Query;
        var code = (string?)query["code"] ?? "";
        if (code.Length > CodeLengthMax || code.Contains('\0'))
        {
            await Problems.WriteAsync(context, 400, "invalid_code", $"A code has at most {CodeLengthMax} characters.");
            return null;
        }

        if (query["after"] is [{ } cursor] && !TryParseId(cursor, out start))
        {
            await Problems.WriteAsync(context, 400, "invalid_cursor", "\"after\" is what an earlier answer gave as \"next\".");
            return null;
        }

        return await Paging.ReadLimitAsync(context) is { } limit ? (code, start, limit) : null;
    }

    private static bool TryParseId(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);

    private static string IdOf(QuarantineRow row) => row.Id.ToString(CultureInfo.InvariantCulture);

    public static object Shown(QuarantineRow row) => new
    {
        id = IdOf(row),
        code = row.Code,
        detail = row.Detail,
        status = row.Status switch
        {
            QuarantineStatus.Replayed => "replayed",
            QuarantineStatus.Failed => "failed",
            _ => "waiting",
        },
        receivedAt = At(row.ReceivedMs),
        source = row.Source,
        messageId = row.MessageId.Length > 0 ? row.MessageId : null,
        call = row.Call.Length > 0 ? row.Call : null,
        entry = row.Entry.Length > 0 ? row.Entry : null,
        times = row.Times,
        bytes = row.Length,
        complete = row.IsWhole,
        raw = TextOf(row.Raw),
        replays = row.Replays,
        replayedAt = At(row.ReplayedMs),
        outcome = row.Replays > 0 ? new { code = row.OutcomeCode, detail = row.OutcomeDetail } : null,
    };

    // What was cut off may end within a character.
    private static string TextOf(byte[] raw)
    {
        var end = raw.Length;
        for (var i = 1; i <= Math.Min(3, raw.Length); i++)
        {
            if ((raw[^i] & 0xc0) == 0x80)
                continue;
            if (raw[^i] >= 0xc0 && i < (raw[^i] >= 0xf0 ? 4 : raw[^i] >= 0xe0 ? 3 : 2))
                end = raw.Length - i;
            break;
        }

        return Encoding.UTF8.GetString(raw, 0, end);
    }

    private static DateTime? At(long ms) => ms == 0 ? null : JsonBodies.Instant(ms);
}
