using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Server.Ingest;

/// <summary>Judges one item: it becomes an entry for its customer's partition, or is refused with the reason.</summary>
internal static class EventIntake
{
    // Below it the difference is transport, above it the sender's clock cannot be trusted to tell even how wrong it is.
    private static readonly TimeSpan SkewMin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SkewMax = TimeSpan.FromHours(24);

    public static Rejection? Judge(
        Envelope item, IngestOrigin origin, Field<DateTimeOffset> batchSentAt, DateTimeOffset received, int eventBytesMax, out IntakeEntry entry)
    {
        entry = default;
        if (item.Fault is not null)
            return item.Fault;
        if (item.Json.Length > eventBytesMax)
            return Refuse(item, "too_large", $"An event has at most {eventBytesMax} bytes.");
        if (!IsKnown(item.Type))
            return Refuse(item, "unknown_type", "The type is identify, track, page, screen, group or alias.");
        if (FindCustomer(item, origin.Tenant, out var customer) is { } nobody)
            return nobody;
        if (FindTime(item, batchSentAt, received, out var time) is { } noTime)
            return noTime;
        if (!(item.IsPlain && item.Type == EntryTypes.Track) && EventCheck.Check(item.Type!, item.Json.Span, origin.IsImport) is { } fault)
            return Refuse(item, fault.Code, fault.Field.Length > 0 ? $"{fault.Field}: {fault.Detail}" : fault.Detail);

        var key = customer.ToString();
        var payload = item.HasWriteKey ? WithoutWriteKey(item.Json) : item.Json.ToArray();
        var id = IdOf(origin, key, item);
        var type = origin.IsBrowser ? EntryTypes.FromBrowser(item.Type!) : item.Type!;
        entry = new IntakeEntry(item.Index, item.MessageId, customer, new NewEntry(key, id, type, time.ToUnixTimeMilliseconds(), payload));
        return null;
    }

    private static bool IsKnown(string? type) =>
        type is EntryTypes.Identify or EntryTypes.Track or EntryTypes.Page or EntryTypes.Screen or EntryTypes.Group or EntryTypes.Alias;

    private static Rejection? FindCustomer(Envelope item, string tenant, out CustomerKey customer)
    {
        customer = default;
        var (kind, id) = string.IsNullOrWhiteSpace(item.UserId) ? (CustomerKind.Anonymous, item.AnonymousId) : (CustomerKind.User, item.UserId);
        if (string.IsNullOrWhiteSpace(id))
            return Refuse(item, "missing_user", "An event has a userId or an anonymousId.");
        return CustomerKey.TryCreate(tenant, kind, id, out customer, out var error) ? null : Refuse(item, "invalid_user", error);
    }

    private static Rejection? FindTime(Envelope item, Field<DateTimeOffset> batchSentAt, DateTimeOffset received, out DateTimeOffset time)
    {
        time = received;
        var given = item.Timestamp is { Value: null, IsFaulty: false } ? item.OriginalTimestamp : item.Timestamp;
        if (given.IsFaulty)
            return Refuse(item, "invalid_timestamp", "The timestamp is no ISO-8601 date from 1970 on.");
        if (given.Value is not { } happened)
            return null;

        var skew = received - (batchSentAt.Value ?? item.SentAt.Value ?? received);
        var corrected = skew.Duration() >= SkewMin && skew.Duration() <= SkewMax ? happened + skew : happened;
        time = corrected < received ? corrected : received;
        return null;
    }

    // Without an id of its own the message cannot be told from a repeat of it, so it counts as new each time.
    private static Guid IdOf(IngestOrigin origin, string customer, Envelope item)
    {
        if (item.MessageId is null)
            return Guid.NewGuid();
        Span<byte> scratch = stackalloc byte[1024];
        return item.Source is null
            ? StableHash.Start(scratch).Add(origin.Tenant).Add(origin.Source).Add(customer).Add(item.MessageId).FinishGuid()
            : StableHash.Start(scratch).Add(origin.Tenant).Add(origin.CloudEventSource).Add(customer).Add(item.Source).Add(item.MessageId).FinishGuid();
    }

    /// <summary>The item as it came, but for the sender's key.</summary>
    public static byte[] WithoutWriteKey(ReadOnlyMemory<byte> json)
    {
        var kept = new byte[json.Length];
        var length = 0;
        kept[length++] = (byte)'{';
        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = BatchReader.BodyDepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isKey = reader.NameIs("writeKey"u8);
            reader.Skip();
            if (isKey)
                continue;
            if (length > 1)
                kept[length++] = (byte)',';
            var member = json.Span[start..(int)reader.BytesConsumed];
            member.CopyTo(kept.AsSpan(length));
            length += member.Length;
        }

        kept[length++] = (byte)'}';
        return kept[..length];
    }

    /// <summary>Canonical key of the customer that an item belongs to; empty when it does not tell one.</summary>
    public static string CustomerOf(Envelope item, string tenant) => FindCustomer(item, tenant, out var customer) is null ? customer.ToString() : "";

    private static Rejection Refuse(Envelope item, string code, string detail) => new(item.Index, item.MessageId, code, detail);
}

/// <summary>Whose events these are.</summary>
/// <param name="Source">Within it a message id names one message.</param>
internal sealed record IngestOrigin(string Tenant, string Source)
{
    /// <summary>Everything that comes from histories, whatever way it takes, so that a second way recognises what the first brought.</summary>
    public const string ImportSource = "import";

    /// <summary>One for all server write keys of a tenant, so that a retry with a rotated key is still a repeat.</summary>
    public const string ServerSource = "server";

    /// <summary>One for all browser keys of a tenant: whoever reads a key in a page cannot take away the ids that a server will use.</summary>
    public const string BrowserSource = "browser";

    /// <summary>The write key, by which it is counted; null for what is not limited.</summary>
    public string? KeyId { get; init; }

    /// <summary>Ids of CloudEvents are unique within their own source, and are no ids of other messages.</summary>
    public string CloudEventSource => IsBrowser ? "browser.cloudevents" : "cloudevents";

    /// <summary>Whether its events are journaled as a browser's.</summary>
    public bool IsBrowser => Source == BrowserSource;

    public bool IsImport => Source == ImportSource;
}

/// <summary>An item that may be journaled.</summary>
internal readonly record struct IntakeEntry(int Index, string? MessageId, CustomerKey Customer, NewEntry Entry);
