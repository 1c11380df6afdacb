using System.Diagnostics;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Decisions;

/// <summary>
/// Asks the customer's partition, within the time that a checkout has. What is not there in time is left out: events that are still under
/// way are journaled all the same, and a customer whose state cannot be had is answered as one who is not known.
/// </summary>
internal sealed class DecisionCall(
    IGrainFactory grains, IJournal journal, DecisionEvents events, CouponDesk coupons, DecisionBoard tables, ProgramBoard programs, ServerOptions options, TimeProvider time)
{
    /// <summary>The share of the time that events may have: behind it the state without them is a better answer than none.</summary>
    private const double EventsShare = 0.6;

    public async Task<DecisionAnswer> AnswerAsync(CustomerKey[] keys, bool isFromBrowser, DecisionBody body)
    {
        var started = Stopwatch.GetTimestamp();
        var limitMs = time.GetUtcNow().ToUnixTimeMilliseconds() + (long)options.Decisions.Budget.TotalMilliseconds;
        try
        {
            IngestAnswer? taken = null;
            var hasEvents = body.Events.Count > 0;
            if (hasEvents)
            {
                var sending = SendAsync(keys, isFromBrowser, body.Events);
                taken = await InTimeAsync(sending, started, EventsShare);
                keys = keys.Length > 1 && sending is { IsCompletedSuccessfully: true } sent ? [sent.Result.Customer] : keys;
            }

            var eventsTook = Stopwatch.GetElapsedTime(started);
            var isDegraded = hasEvents && taken?.Status != IngestStatus.Done;
            var question = body.Question;
            if (body.Coupons.Count > 0)
            {
                (keys, question) = await HoldAsync(keys, body, started);
                isDegraded |= Array.Exists(question.Coupons, CouponDesk.IsUnasked);
            }

            var asking = AskAsync(keys, question, limitMs, isDegraded);
            var decided = asking.IsCompletedSuccessfully ? asking.Result : await asking.AsTask().WaitAsync(Left(started, 1));
            return decided.Status == DecideStatus.Unavailable
                ? Default(keys[0], body, taken, started, eventsTook)
                : new DecisionAnswer(decided, taken, hasEvents, eventsTook, Stopwatch.GetElapsedTime(started));
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            return Default(keys[0], body, null, started, Stopwatch.GetElapsedTime(started));
        }
    }

    private async Task<(CustomerKey Customer, IngestAnswer Answer)> SendAsync(CustomerKey[] keys, bool isFromBrowser, List<ReadOnlyMemory<byte>> items)
    {
        var customer = keys.Length == 1 ? keys[0] : (await CustomerLookup.FindAsync(grains, journal, keys)).Key;
        return (customer, await events.SendAsync(customer, isFromBrowser, items));
    }

    /// <summary>Holds what the customer has entered, within the time that events may have too.</summary>
    private async Task<(CustomerKey[] Keys, DecisionQuestion Question)> HoldAsync(CustomerKey[] keys, DecisionBody body, long started)
    {
        var holding = HoldAsync(keys, body.Coupons);
        try
        {
            var (customer, held) = await holding.WaitAsync(Left(started, EventsShare));
            return ([customer], body.Question with { Coupons = held });
        }
        catch (TimeoutException)
        {
            return (keys, body.Question with { Coupons = CouponDesk.Unasked(body.Coupons) });
        }
    }

    private async Task<(CustomerKey Customer, CouponHold[] Held)> HoldAsync(CustomerKey[] keys, List<string> codes)
    {
        var customer = keys.Length == 1 ? keys[0] : (await CustomerLookup.FindAsync(grains, journal, keys)).Key;
        return (customer, await coupons.HoldAsync(customer, codes));
    }

    /// <returns>Null when they are not through in time.</returns>
    private async Task<IngestAnswer?> InTimeAsync(Task<(CustomerKey Customer, IngestAnswer Answer)> sending, long started, double share)
    {
        try
        {
            return (await sending.WaitAsync(Left(started, share))).Answer;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>The first of the keys that was ever seen; when none was, the first is answered as somebody new.</summary>
    private async ValueTask<DecideResponse> AskAsync(CustomerKey[] keys, DecisionQuestion question, long limitMs, bool isDegraded)
    {
        var isSure = keys.Length == 1;
        foreach (var key in keys)
        {
            var decided = await AskAsync(key, opens: isSure, question, limitMs, isDegraded);
            if (decided.Status != DecideStatus.NotFound)
                return decided;
        }

        return await AskAsync(keys[0], opens: true, question, limitMs, isDegraded);
    }

    private async ValueTask<DecideResponse> AskAsync(CustomerKey key, bool opens, DecisionQuestion question, long limitMs, bool isDegraded)
    {
        var decided = await AskOneAsync(key, opens, question, limitMs, isDegraded);
        return decided.Status == DecideStatus.Moved ? await FollowAsync(decided.MovedTo, opens, question, limitMs, isDegraded) : decided;
    }

    private async Task<DecideResponse> FollowAsync(string movedTo, bool opens, DecisionQuestion question, long limitMs, bool isDegraded)
    {
        var decided = await CustomerLookup.FollowAsync(
            movedTo, key => AskOneAsync(key, opens, question, limitMs, isDegraded), told => told.Status == DecideStatus.Moved ? told.MovedTo : null);
        return decided.Status == DecideStatus.Moved ? DecideResponse.Unavailable : decided;
    }

    private Task<DecideResponse> AskOneAsync(CustomerKey key, bool opens, DecisionQuestion question, long limitMs, bool isDegraded) =>
        CustomerLookup.PartitionOf(grains, journal, key).DecideAsync(
            new DecideRequest(key.ToString(), -1, -1, time.GetUtcNow().ToUnixTimeMilliseconds(), limitMs, opens, question, isDegraded, []));

    private DecisionAnswer Default(CustomerKey key, DecisionBody body, IngestAnswer? taken, long started, TimeSpan eventsTook)
    {
        var answer = Decider.Decide(
            CustomerState.Create(key.ToString()), programs.Current(key.Tenant).Document, body.Question with { Coupons = CouponDesk.Unasked(body.Coupons) }, tables.Of(key.Tenant), id: null,
            time.GetUtcNow().ToUnixTimeMilliseconds(), isDegraded: true).Made;
        var decided = new DecideResponse(DecideStatus.Done, answer, 0, answer.Length, "", []);
        return new DecisionAnswer(decided, taken, body.Events.Count > 0, eventsTook, Stopwatch.GetElapsedTime(started));
    }

    private TimeSpan Left(long started, double share)
    {
        var left = options.Decisions.Budget * share - Stopwatch.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <param name="Events">What became of the events; null when they are under way.</param>
/// <param name="EventsTook">Until they were through, or given up on.</param>
internal readonly record struct DecisionAnswer(DecideResponse Decided, IngestAnswer? Events, bool HasEvents, TimeSpan EventsTook, TimeSpan Took);
