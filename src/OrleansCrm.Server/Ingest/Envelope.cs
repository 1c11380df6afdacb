namespace OrleansCrm.Server.Ingest;

/// <summary>One item as it came, with the few fields that decide where it goes. Everything else is left to the fold.</summary>
internal sealed record Envelope
{
    /// <summary>Where it stands in its batch.</summary>
    public required int Index { get; init; }

    /// <summary>The item's own bytes within the body.</summary>
    public ReadOnlyMemory<byte> Json { get; set; }

    public string? Type { get; set; }

    /// <summary>Name of the event as UTF-8; empty where there is none.</summary>
    public ReadOnlyMemory<byte> Event { get; set; }

    /// <summary>The value of its properties, the last one's where they stand twice; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Properties { get; set; }

    public string? MessageId { get; set; }

    /// <summary>Within it the message id names one message; null for the sender's key.</summary>
    public string? Source { get; set; }

    public string? UserId { get; set; }

    public string? AnonymousId { get; set; }

    public Field<DateTimeOffset> Timestamp { get; set; }

    public Field<DateTimeOffset> OriginalTimestamp { get; set; }

    public Field<DateTimeOffset> SentAt { get; set; }

    /// <summary>As a track call nothing in it can be at fault but what is read here: it need not be checked again.</summary>
    public bool IsPlain { get; set; }

    /// <summary>It carries the sender's key, which must not be kept.</summary>
    public bool HasWriteKey { get; set; }

    /// <summary>What is wrong with its form; null when nothing is.</summary>
    public Rejection? Fault { get; set; }
}

/// <summary>A field that can be absent, readable, or there and unreadable.</summary>
internal readonly record struct Field<T>(T? Value, bool IsFaulty)
    where T : struct;

/// <summary>Why an item was refused for good: sending it again would change nothing.</summary>
internal sealed record Rejection(int Index, string? MessageId, string Code, string Detail)
{
    /// <summary>Public id of the journaled entry that could not be applied; empty when nothing was journaled.</summary>
    public string Entry { get; init; } = "";
}

/// <summary>A body that has been read: its items, and what stands beside them.</summary>
internal sealed record Batch(Envelope[] Items, string? WriteKey, Field<DateTimeOffset> SentAt)
{
    /// <summary>How many items the body had; those beyond the bound are counted and not kept.</summary>
    public int Total { get; init; } = Items.Length;

    /// <summary>The first items beyond the bound: what they are, for the quarantine.</summary>
    public Envelope[] Surplus { get; init; } = [];

    /// <summary>The type that stood in the path; empty for a body whose items say their type themselves.</summary>
    public string Call { get; init; } = "";

    public Envelope? Find(int index) =>
        index < Items.Length ? Items[index] : index - Items.Length < Surplus.Length ? Surplus[index - Items.Length] : null;
}

/// <summary>The body as a whole cannot be read; the message is for its sender.</summary>
internal sealed class BodyFormatException(string code, string detail) : Exception(detail)
{
    public string Code => code;
}
