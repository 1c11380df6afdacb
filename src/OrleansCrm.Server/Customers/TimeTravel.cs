using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

/// <summary>Answers as the server would have at an instant of the past: folds what was known of the customer then.</summary>
internal sealed class TimeTravel(CustomerReplay replay, TimeProvider time)
{
    private const long MinuteMs = 60_000;

    public async Task AnswerAsync(HttpContext context, string id, string at)
    {
        if (!Ingest.IsoTime.TryParseQuery(at, out var instant))
        {
            await Problems.WriteAsync(context, 400, "invalid_time", "\"at\" is an ISO-8601 instant, for instance 2026-01-31T12:00:00Z.");
            return;
        }

        if (instant > time.GetUtcNow())
        {
            await Problems.WriteAsync(context, 400, "future_instant", "\"at\" lies in the future.");
            return;
        }

        if (!await replay.TryBeginAsync(context))
            return;

        try
        {
            await CustomerLookup.AnswerFirstAsync(context, id, key => AnswerAsync(context, key, instant.ToUnixTimeMilliseconds()));
        }
        catch (JournalException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
        }
        finally
        {
            replay.End();
        }
    }

    private async Task<LookupResponse> AnswerAsync(HttpContext context, CustomerKey key, long atMs)
    {
        var replayed = await replay.FoldAsync(key, atMs, context.RequestAborted);
        if (replayed.Refusal is { } refusal)
        {
            await refusal.WriteAsync(context);
            return Answered;
        }

        if (replayed.Customer is not { State.IsEmpty: false } past)
            return replayed.Customer is null ? new LookupResponse(replayed.Status, 0, 0, []) : LookupResponse.NotFound;
        if (past.State.LinkedTo.Length > 0)
            return new LookupResponse(LookupStatus.Moved, 0, 0, [], past.State.LinkedTo);
        var asOf = Math.Max(atMs / MinuteMs * MinuteMs, past.State.NewestMs);
        await CustomerEndpoints.WriteProfileAsync(
            context, new LookupResponse(LookupStatus.Found, past.State.Version, asOf, ProfileRenderer.Render(past.State, past.Program, asOf)));
        return Answered;
    }

    private static LookupResponse Answered { get; } = new(LookupStatus.Found, 0, 0, []);
}
