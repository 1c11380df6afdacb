using System.Buffers;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>
/// Why an alert stands, or stood: folds its customer out of the journal once more, shows what it was worked out from, and says whether the
/// result is, byte for byte, what the agents see.
/// </summary>
internal sealed class AlertExplanations(AlertCommands alerts, CustomerReplay replay, IJournal journal)
{
    // Each time the customer has moved on meanwhile.
    private const int TriesMax = 5;

    public Task AnswerAsync(HttpContext context, string tenant, string id) => InTurnAsync(context, () => ExplainAsync(context, tenant, id));

    /// <summary>Answers who has done what with the alert.</summary>
    public Task AnswerHistoryAsync(HttpContext context, string tenant, string id) => InTurnAsync(context, () => TellAsync(context, tenant, id));

    private async Task InTurnAsync(HttpContext context, Func<Task> answer)
    {
        if (!await replay.TryBeginAsync(context))
            return;
        try
        {
            await answer();
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !context.RequestAborted.IsCancellationRequested)
        {
            await Problems.WriteUnavailableAsync(context);
        }
        finally
        {
            replay.End();
        }
    }

    private async Task ExplainAsync(HttpContext context, string tenant, string id)
    {
        for (var attempt = 1; ; attempt++)
        {
            var told = await alerts.GetAsync(tenant, id);
            if (!told.IsDone || !AlertId.TryParse(id, out var alert) || await FindCustomerAsync(tenant, alert, context.RequestAborted) is not { } customer)
            {
                await AlertEndpoints.WriteAsync(context, told.IsDone ? AlertAnswer.NoSuchAlert : told);
                return;
            }

            // A sleeper may not have come to the newest program yet: then it stands as it did before that.
            AlertBasis? basis = null;
            var (matches, entries) = (false, 0);
            var replayed = await replay.FoldAsync(
                customer,
                long.MaxValue,
                context.RequestAborted,
                past => (basis, entries) = (AlertBasis.Of(past.State, past.Program, alert) ?? basis, entries + 1),
                past => matches = told.Alert.AsSpan().SequenceEqual(AlertRenderer.Render(past.State, past.Program, id)));
            if (replayed.Refusal is { } refusal)
            {
                await refusal.WriteAsync(context);
                return;
            }

            if (replayed.Customer is not { } folded || AlertRenderer.Render(folded.State, folded.Program, id) is not { } rendered)
            {
                await AlertEndpoints.WriteAsync(context, AlertAnswer.NoSuchAlert);
                return;
            }

            basis = AlertBasis.Of(folded.State, folded.Program, alert) ?? basis;
            matches |= told.Alert.AsSpan().SequenceEqual(rendered);
            if (!matches && attempt < TriesMax)
                continue;
            context.Response.Headers.CacheControl = "private, no-store";
            await JsonBodies.WriteRawAsync(context, 200, await RenderAsync(matches ? told.Alert : rendered, matches, entries, basis, context.RequestAborted));
            return;
        }
    }

    private async Task TellAsync(HttpContext context, string tenant, string id)
    {
        var told = await alerts.GetAsync(tenant, id);
        if (!told.IsDone || !AlertId.TryParse(id, out var alert) || await FindCustomerAsync(tenant, alert, context.RequestAborted) is not { } customer)
        {
            await AlertEndpoints.WriteAsync(context, told.IsDone ? AlertAnswer.NoSuchAlert : told);
            return;
        }

        var history = new AlertHistory(id);
        var replayed = await replay.FoldAsync(customer, long.MaxValue, context.RequestAborted, history.Take);
        if (replayed.Refusal is { } refusal)
        {
            await refusal.WriteAsync(context);
            return;
        }

        context.Response.Headers.CacheControl = "private, no-store";
        await JsonBodies.WriteRawAsync(context, 200, history.Render());
    }

    private async Task<CustomerKey?> FindCustomerAsync(string tenant, AlertId alert, CancellationToken cancellation)
    {
        var entries = await journal.ReadAtAsync(alert.Partition, [alert.Offset], cancellation);
        return entries[0] is { Customer.Length: > 0 } raised && raised.Customer.StartsWith(tenant + "/", StringComparison.Ordinal)
            ? CustomerKey.Parse(raised.Customer)
            : null;
    }

    private async Task<ReadOnlyMemory<byte>> RenderAsync(byte[] alert, bool matches, int entries, AlertBasis? basis, CancellationToken cancellation)
    {
        using var parsed = JsonDocument.Parse(alert);
        var evidence = new List<Entry>();
        foreach (var id in parsed.RootElement.GetProperty("evidence").EnumerateArray())
        {
            if (EntryId.TryParse(id.GetString()!, out var place) && (await journal.ReadAtAsync(place.Partition, [place.Offset], cancellation))[0] is { Customer.Length: > 0 } entry
                && entry.Type != EntryTypes.HistoryArchived)
                evidence.Add(entry);
        }

        var buffer = new ArrayBufferWriter<byte>(4_096);
        using (var json = new Utf8JsonWriter(buffer, JsonBodies.WriterOptions))
        {
            json.WriteStartObject();
            foreach (var name in (string[])["id", "customerId", "kind"])
            {
                json.WritePropertyName(name);
                parsed.RootElement.GetProperty(name).WriteTo(json);
            }

            json.WriteBoolean("matches", matches);
            json.WriteNumber("entries", entries);
            json.WritePropertyName("reasons");
            parsed.RootElement.GetProperty("reasons").WriteTo(json);
            json.WritePropertyName("basis");
            if (basis is null)
                json.WriteNullValue();
            else
                basis.Write(json);
            json.WriteStartArray("evidence");
            foreach (var entry in evidence)
                Write(json, entry);
            json.WriteEndArray();
            json.WritePropertyName("alert");
            json.WriteRawValue(alert, skipInputValidation: true);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, Entry entry)
    {
        using var payload = JsonDocument.Parse(entry.Payload);
        json.WriteStartObject();
        json.WriteString("entry", new EntryId(entry.Partition, entry.Offset).ToString());
        json.WriteString("type", EntryTypes.CallOf(entry.Type));
        json.WriteString("time", JsonBodies.Instant(entry.TimeMs));
        if (payload.RootElement.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String)
            json.WriteString("event", name.GetString());
        json.WriteEndObject();
    }
}
