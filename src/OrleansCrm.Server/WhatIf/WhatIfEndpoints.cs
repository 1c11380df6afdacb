using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.WhatIf;

/// <summary>What a candidate program would have done.</summary>
internal static class WhatIfEndpoints
{
    /// <summary>Customers who are played unless more are asked for: seconds of one core.</summary>
    private const long CustomersDefault = 20_000;

    public static void MapWhatIf(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/program/whatif", AnswerAsync).RequireAuthorization(Policies.Program);

    private static async Task AnswerAsync(HttpContext context, IJournal journal, WhatIfTurn turn, TimeProvider time)
    {
        if (await ProgramEndpoints.ReadDocumentAsync(context, "program") is not { } document || await ReadAsync(context, document, journal, time) is not { } request)
            return;
        if (!turn.TryTake())
        {
            await Problems.WriteAsync(context, 429, "overloaded", "Another candidate is being played; try again.", retryAfterSeconds: 5);
            return;
        }

        try
        {
            var run = new WhatIfRun(journal, request);
            await run.RunAsync(context.RequestAborted);
            await JsonBodies.WriteRawAsync(context, 200, WhatIfJson.Render(request, run.Report, isIndented: false));
        }
        catch (HistoryArchivedException e)
        {
            await Problems.WriteAsync(
                context, 410, "history_archived", e.Message, extensions: json => json.WriteString("reachesBackTo", JsonBodies.Instant(e.ReachesBackToMs)));
        }
        catch (JournalUnavailableException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
        }
        finally
        {
            turn.End();
        }
    }

    /// <returns>Null when a problem has been answered instead.</returns>
    private static async Task<WhatIfRequest?> ReadAsync(HttpContext context, ProgramDocument document, IJournal journal, TimeProvider time)
    {
        var query = context.Request.Query;
        var (from, to) = (DateTimeOffset.UnixEpoch, time.GetUtcNow());
        if ((query["from"] is [{ } start] && !IsoTime.TryParseQuery(start, out from))
            || (query["to"] is [{ } end] && !IsoTime.TryParseQuery(end, out to)) || from >= to)
        {
            await Problems.WriteAsync(context, 400, "invalid_period", "\"from\" and \"to\" are ISO-8601 instants, the first before the second.");
            return null;
        }

        if (to > time.GetUtcNow())
            to = time.GetUtcNow();
        var tenant = context.User.Tenant();
        var customers = (await journal.ReadSumsAsync(tenant, context.RequestAborted)).FirstOrDefault(s => s.Key == "customers").Value;
        var share = customers <= CustomersDefault ? 1 : (double)CustomersDefault / customers;
        if (query["share"] is [{ } text]
            && !(double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out share) && share is > 0 and <= 1))
        {
            await Problems.WriteAsync(context, 400, "invalid_share", "\"share\" is a number above 0 up to 1.");
            return null;
        }

        return new WhatIfRequest(tenant, document, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), share);
    }
}

/// <summary>One at a time in a process: each takes a core, and ingest needs the others.</summary>
internal sealed class WhatIfTurn
{
    private int _taken;

    public bool TryTake() => Interlocked.CompareExchange(ref _taken, 1, 0) == 0;

    public void End() => Volatile.Write(ref _taken, 0);
}
