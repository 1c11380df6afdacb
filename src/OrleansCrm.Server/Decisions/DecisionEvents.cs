using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Decisions;

/// <summary>Events that come with a decision: they go the way of all events first, so that the decision sees them.</summary>
internal sealed class DecisionEvents(IngestPipeline pipeline)
{
    /// <param name="customer">Whose they are, unless one says that it is somebody else's: that one is refused.</param>
    /// <param name="isFromBrowser">A customer's own page sent them; they prove no more than a browser's key.</param>
    public Task<IngestAnswer> SendAsync(CustomerKey customer, bool isFromBrowser, List<ReadOnlyMemory<byte>> events)
    {
        var items = new Envelope[events.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = Assign(BatchReader.ReadEvent(events[i], i), customer);
        var origin = new IngestOrigin(customer.Tenant, isFromBrowser ? IngestOrigin.BrowserSource : IngestOrigin.ServerSource);
        return pipeline.SendAsync(origin, new Batch(items, null, default), isStrict: false, CancellationToken.None);
    }

    internal static Envelope Assign(Envelope item, CustomerKey customer)
    {
        var isUser = customer.Kind == CustomerKind.User;
        var named = isUser ? item.UserId : item.AnonymousId;
        if (string.IsNullOrWhiteSpace(named) && (isUser || string.IsNullOrWhiteSpace(item.UserId)))
            return isUser ? item with { UserId = customer.Id } : item with { AnonymousId = customer.Id };
        if (named?.Trim() != customer.Id || (!isUser && !string.IsNullOrWhiteSpace(item.UserId)))
            item.Fault ??= new Rejection(item.Index, item.MessageId, "other_customer", "The event names another customer than the decision.");
        return item;
    }

    /// <summary>Writes what became of them; null when they were still under way.</summary>
    public static void Write(Utf8JsonWriter json, IngestAnswer? answer)
    {
        json.WriteStartObject("events");
        json.WriteString("status", answer?.Status switch
        {
            IngestStatus.Done => "done",
            null => "pending",
            _ => "retry",
        });
        json.WriteNumber("accepted", answer?.Accepted ?? 0);
        json.WriteNumber("duplicate", answer?.Duplicate ?? 0);
        json.WriteStartArray("rejected");
        foreach (var rejection in answer?.Rejected ?? [])
        {
            json.WriteStartObject();
            json.WriteNumber("index", rejection.Index);
            json.WriteString("messageId", rejection.MessageId);
            json.WriteString("code", rejection.Code);
            json.WriteString("detail", rejection.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
