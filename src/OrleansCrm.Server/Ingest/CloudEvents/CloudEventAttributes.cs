using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OrleansCrm.Server.Ingest.CloudEvents;

/// <summary>The attributes of one CloudEvent while they are gathered, and what the specification (1.0.2) asks of each.</summary>
internal sealed class CloudEventAttributes
{
    /// <summary>Longest name of an extension: the specification asks for 20 and lets longer ones be.</summary>
    private const int NameLengthMax = 64;

    private const int TextLengthMax = 4_096;

    private readonly List<KeyValuePair<string, JsonElement>> _all = new(8);
    private string? _id;
    private string? _source;
    private string? _type;
    private string? _subject;
    private string? _version;
    private DateTimeOffset? _time;

    /// <summary>Takes one attribute. One that is null is as if it were absent.</summary>
    public CloudEventFault? Add(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (name is "data" || name.Length is 0 or > NameLengthMax || !name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            return CloudEventFault.Invalid(name, "is no name of an attribute: those have lower-case letters and digits alone");
        if (_all.Exists(a => a.Key == name))
            return CloudEventFault.Invalid(name, "is given twice");
        _all.Add(KeyValuePair.Create(name, value));
        return name switch
        {
            "id" => TakeText(name, value, ref _id),
            "source" => TakeText(name, value, ref _source) ?? CheckUri(name, _source!, isAbsolute: false),
            "type" => TakeText(name, value, ref _type),
            "subject" => TakeText(name, value, ref _subject),
            "specversion" => TakeText(name, value, ref _version) ?? CheckVersion(_version!),
            "time" => TakeTime(value),
            "dataschema" => TakeUri(name, value),
            "datacontenttype" => TakeMediaType(name, value),
            _ => CheckExtension(name, value),
        };
    }

    /// <returns>Null, with the first fault, when a required one is missing.</returns>
    public CloudEvent? Finish(out CloudEventFault? fault)
    {
        fault = _version is null ? CloudEventFault.Missing("specversion")
            : _id is null ? CloudEventFault.Missing("id")
            : _source is null ? CloudEventFault.Missing("source")
            : _type is null ? CloudEventFault.Missing("type")
            : null;
        return fault is not null
            ? null
            : new CloudEvent { Id = _id!, Source = _source!, Type = _type!, Subject = _subject, Time = _time, Attributes = _all };
    }

    private static CloudEventFault? TakeText(string name, JsonElement value, ref string? text)
    {
        if (value.ValueKind != JsonValueKind.String || TextOf(value) is not { } read)
            return CloudEventFault.Invalid(name, "is no text");
        if (read.Length is 0 or > TextLengthMax)
            return CloudEventFault.Invalid(name, $"has 1 to {TextLengthMax} characters");
        if (read.Any(char.IsControl))
            return CloudEventFault.Invalid(name, "has a control character");
        text = read;
        return null;
    }

    private static CloudEventFault? CheckVersion(string version) =>
        version == "1.0" ? null : CloudEventFault.Invalid("specversion", "is not 1.0, the version that is read here");

    private CloudEventFault? TakeTime(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String || TextOf(value) is not { Length: >= 20 and <= 64 } text || text[10] is not ('T' or 't')
            || !(text[^1] is 'Z' or 'z' || text[^6] is '+' or '-') || !IsoTime.TryParse(Encoding.UTF8.GetBytes(text), out var time))
            return CloudEventFault.Invalid("time", "is no RFC 3339 timestamp from 1970 on") with { Code = "invalid_timestamp" };
        _time = time;
        return null;
    }

    private static CloudEventFault? TakeUri(string name, JsonElement value)
    {
        string? uri = null;
        return TakeText(name, value, ref uri) ?? CheckUri(name, uri!, isAbsolute: true);
    }

    // By the characters of RFC 3986: the Uri class takes nearly anything for a relative reference.
    private static CloudEventFault? CheckUri(string name, string uri, bool isAbsolute)
    {
        for (var i = 0; i < uri.Length; i++)
        {
            var isAllowed = char.IsAsciiLetterOrDigit(uri[i]) || "-._~:/?#[]@!$&'()*+,;=".Contains(uri[i])
                || (uri[i] == '%' && i + 2 < uri.Length && char.IsAsciiHexDigit(uri[i + 1]) && char.IsAsciiHexDigit(uri[i + 2]));
            if (!isAllowed)
                return CloudEventFault.Invalid(name, "is no URI" + (isAbsolute ? "" : "-reference"));
        }

        return isAbsolute && !Uri.TryCreate(uri, UriKind.Absolute, out _) ? CloudEventFault.Invalid(name, "is no absolute URI") : null;
    }

    private static CloudEventFault? TakeMediaType(string name, JsonElement value)
    {
        string? text = null;
        return TakeText(name, value, ref text)
            ?? (System.Net.Http.Headers.MediaTypeHeaderValue.TryParse(text, out _) ? null : CloudEventFault.Invalid(name, "is no media type"));
    }

    private static CloudEventFault? CheckExtension(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => null,
        JsonValueKind.String when TextOf(value) is { Length: <= TextLengthMax } text => text.Any(char.IsControl)
            ? CloudEventFault.Invalid(name, "has a control character")
            : null,
        JsonValueKind.Number when int.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => null,
        _ => CloudEventFault.Invalid(name, "is no text, no boolean and no integer of 32 bits"),
    };

    /// <summary>Null for escapes of half a character.</summary>
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
