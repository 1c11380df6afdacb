using System.Buffers;
using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Ingest.Limits;

namespace OrleansCrm.Server.Privacy;

/// <summary>
/// A customer gives or withdraws consent. The token says who it is, so unlike a page's own key it may grant; it is journaled as the event
/// that a shop would send.
/// </summary>
internal static class OwnConsent
{
    public static async Task SetAsync(
        HttpContext context, IGrainFactory grains, IJournal journal, IngestOptions options, IngestLimits limits, TimeProvider time)
    {
        if (await JsonBodies.ReadBytesAsync(context, options.EventBytesMax) is not { } body)
            return;
        var key = CustomerKey.Parse(context.User.Customer());
        if (EventOf(key, body) is not { } payload)
        {
            await Problems.WriteAsync(context, 400, "invalid_json", "The body is not a JSON object.");
            return;
        }

        if (EventCheck.Check(EntryTypes.Track, payload) is { } fault)
        {
            await Problems.WriteAsync(context, 400, fault.Code, $"{fault.Field}: {fault.Detail}");
            return;
        }

        if (payload.Length > options.EventBytesMax)
        {
            await Problems.WriteAsync(context, 413, "too_large", $"As an event it has more than {options.EventBytesMax} bytes.");
            return;
        }

        if (limits.TakeOne(key.ToString()) is var wait and > 0)
        {
            await Problems.WriteAsync(context, 429, IngestLimits.OfCustomer, IngestLimits.Explain(IngestLimits.OfCustomer), wait);
            return;
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        AppendResponse response;
        try
        {
            response = await CustomerLookup.PartitionOf(grains, journal, key)
                .AppendAsync(new AppendRequest([new NewEntry(key.ToString(), Guid.NewGuid(), EntryTypes.Track, nowMs, payload)]));
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            response = AppendResponse.Unavailable;
        }

        if (response.Status != AppendStatus.Done)
        {
            await Problems.WriteUnavailableAsync(context, Math.Max(1, response.RetryAfterSeconds));
            return;
        }

        if (response.Verdicts[0] == EntryVerdict.Faulted)
        {
            await Problems.WriteAsync(context, 409, "faulted", "This customer has consents for as many purposes and channels as there may be.");
            return;
        }

        await CustomerLookup.AnswerFirstAsync(context, [key], async customer =>
        {
            var found = await CustomerLookup.PartitionOf(grains, journal, customer)
                .LookupAsync(new LookupRequest(customer.ToString(), LookupKind.Profile, nowMs, ""));
            if (found.Status == LookupStatus.Found)
            {
                using var profile = JsonDocument.Parse(found.Body);
                await JsonBodies.WriteAsync(context, 200, new { consent = profile.RootElement.GetProperty("consent") });
            }

            return found;
        });
    }

    /// <returns>Null when the body is no JSON object.</returns>
    private static byte[]? EventOf(CustomerKey key, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var buffer = new ArrayBufferWriter<byte>(body.Length + 256);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                json.WriteString("type", EntryTypes.Track);
                json.WriteString("event", "Consent Changed");
                json.WriteString(key.Kind == CustomerKind.User ? "userId" : "anonymousId", key.Id);
                json.WritePropertyName("properties");
                parsed.RootElement.WriteTo(json);
                json.WriteEndObject();
            }

            return buffer.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // text that is not UTF-8 is found when it is written
        }
    }
}
