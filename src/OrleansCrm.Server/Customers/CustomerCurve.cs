using System.Buffers;
using System.Globalization;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

/// <summary>
/// How a customer came to stand where he stands: the profile's numbers at instants of the past, out of one replay. By the time at which things
/// happened, not at which the server heard of them, so a history that was sent in at once has a past too; what came late counts from the
/// first instant that had not been passed when it came.
/// </summary>
internal sealed class CustomerCurve(CustomerReplay replay, TimeProvider time)
{
    private const int PointsDefault = 24;

    /// <summary>Instants in one answer: each renders a profile.</summary>
    private const int PointsMax = 100;

    public async Task AnswerAsync(HttpContext context, string id)
    {
        var query = context.Request.Query;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        long? fromMs = null;
        var toMs = nowMs;
        var points = PointsDefault;
        if ((query["from"] is [{ } from] && !TryRead(from, out fromMs)) || (query["to"] is [{ } to] && !TryRead(to, ref toMs)))
            await Problems.WriteAsync(context, 400, "invalid_time", "\"from\" and \"to\" are ISO-8601 instants, for instance 2026-01-31T12:00:00Z.");
        else if (toMs > nowMs || fromMs >= toMs)
            await Problems.WriteAsync(context, 400, "invalid_period", "\"from\" lies before \"to\", and \"to\" not in the future.");
        else if (query["points"] is [{ } text] && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out points) && points is >= 2 and <= PointsMax))
            await Problems.WriteAsync(context, 400, "invalid_points", $"\"points\" is a number from 2 to {PointsMax}.");
        else if (await replay.TryBeginAsync(context))
            await AnswerAsync(context, id, fromMs, toMs, points);
    }

    private async Task AnswerAsync(HttpContext context, string id, long? fromMs, long toMs, int points)
    {
        try
        {
            await CustomerLookup.AnswerFirstAsync(context, id, key => AnswerAsync(context, key, new Samples(fromMs, toMs, points)));
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

    private async Task<LookupResponse> AnswerAsync(HttpContext context, CustomerKey key, Samples samples)
    {
        var replayed = await replay.FoldAsync(key, long.MaxValue, context.RequestAborted, before: samples.Before, end: samples.End);
        if (replayed.Refusal is { } refusal)
        {
            await refusal.WriteAsync(context);
            return new LookupResponse(LookupStatus.Found, 0, 0, []);
        }

        if (replayed.Customer is not { State.IsEmpty: false } customer)
            return replayed.Customer is null ? new LookupResponse(replayed.Status, 0, 0, []) : LookupResponse.NotFound;
        if (customer.State.LinkedTo.Length > 0)
            return new LookupResponse(LookupStatus.Moved, 0, 0, [], customer.State.LinkedTo);
        context.Response.Headers.CacheControl = "private, no-store";
        await JsonBodies.WriteRawAsync(context, 200, samples.Render(customer.ReachesBackToMs));
        return new LookupResponse(LookupStatus.Found, 0, 0, []);
    }

    private static bool TryRead(string text, out long? ms)
    {
        var read = 0L;
        var isTime = TryRead(text, ref read);
        ms = isTime ? read : null;
        return isTime;
    }

    private static bool TryRead(string text, ref long ms)
    {
        if (!Ingest.IsoTime.TryParseQuery(text, out var instant))
            return false;
        ms = instant.ToUnixTimeMilliseconds();
        return true;
    }

    /// <summary>The numbers at evenly spaced instants, taken as the replay passes them.</summary>
    private sealed class Samples(long? fromMs, long toMs, int points)
    {
        private readonly List<(long AtMs, byte[] Profile)> _taken = [];
        private long? _fromMs = fromMs;
        private int _next;

        public void Before(PastCustomer past, Entry entry)
        {
            _fromMs ??= Math.Min(entry.Type == EntryTypes.HistoryArchived ? entry.RecordedMs : entry.TimeMs, toMs - 1);
            TakeUntil(past, entry.TimeMs);
        }

        public void End(PastCustomer past) => TakeUntil(past, long.MaxValue);

        // An instant before the customer was known has no numbers.
        private void TakeUntil(PastCustomer past, long timeMs)
        {
            for (; _next < points && AtMs(_next) is var atMs && atMs < timeMs; _next++)
            {
                if (!past.State.IsEmpty)
                    _taken.Add((atMs, ProfileRenderer.Render(past.State, past.Program, Math.Max(atMs, past.State.NewestMs))));
            }
        }

        private long AtMs(int index)
        {
            var start = _fromMs ?? toMs - 1;
            return start + (long)((Int128)(toMs - start) * index / (points - 1));
        }

        public ReadOnlyMemory<byte> Render(long? reachesBackToMs)
        {
            var buffer = new ArrayBufferWriter<byte>(256 * (_taken.Count + 1));
            using var json = new Utf8JsonWriter(buffer);
            json.WriteStartObject();
            json.WriteString("from", JsonBodies.Instant(AtMs(0)));
            json.WriteString("to", JsonBodies.Instant(toMs));
            if (reachesBackToMs is { } reach)
                json.WriteString("reachesBackTo", JsonBodies.Instant(reach));
            json.WriteStartArray("items");
            foreach (var (atMs, bytes) in _taken)
            {
                using var profile = JsonDocument.Parse(bytes);
                Write(json, atMs, profile.RootElement);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            return buffer.WrittenMemory;
        }

        private static void Write(Utf8JsonWriter json, long atMs, JsonElement profile)
        {
            json.WriteStartObject();
            json.WriteString("at", JsonBodies.Instant(atMs));
            Copy(json, profile, "phase");
            Copy(json, profile.GetProperty("loyalty"), "tier", "balance");
            Copy(json, profile.GetProperty("churn"), "risk", "probabilityAlive");
            Copy(json, profile.GetProperty("value"), "orders", "revenue", "clv");
            json.WriteEndObject();
        }

        private static void Copy(Utf8JsonWriter json, JsonElement from, params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
            {
                json.WritePropertyName(name);
                from.GetProperty(name).WriteTo(json);
            }
        }
    }
}
