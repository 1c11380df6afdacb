using System.Text.Json;

namespace OrleansCrm.Server.Ingest.CloudEvents;

/// <summary>One CloudEvent, whichever of the three ways it came: its attributes are checked, its data is as it was sent.</summary>
internal sealed record CloudEvent
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    public required string Type { get; init; }

    public string? Subject { get; init; }

    public DateTimeOffset? Time { get; init; }

    /// <summary>All attributes by name as JSON, extensions too, in the order in which they came.</summary>
    public required IReadOnlyList<KeyValuePair<string, JsonElement>> Attributes { get; init; }

    /// <summary>JSON of the data; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Data that is no JSON, in base64; null when there is none.</summary>
    public string? DataBase64 { get; init; }
}

/// <summary>Why something is no CloudEvent.</summary>
/// <param name="Code"><c>missing_attribute</c>, <c>invalid_attribute</c> or <c>invalid_data</c>.</param>
/// <param name="Attribute">Its name.</param>
internal sealed record CloudEventFault(string Code, string Attribute, string Detail)
{
    public static CloudEventFault Missing(string attribute) => new("missing_attribute", attribute, $"\"{attribute}\" is missing: every CloudEvent has it.");

    public static CloudEventFault Invalid(string attribute, string detail) => new("invalid_attribute", attribute, $"\"{attribute}\" {detail}.");
}
