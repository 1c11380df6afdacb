using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Server.Ingest;

/// <summary>
/// Reads a body in one pass: finds the items and the fields that route them, and leaves the rest unparsed. An item that is wrong in itself
/// carries its fault; only a body that is no JSON, or not of the shape, fails as a whole.
/// </summary>
internal ref partial struct BatchReader
{
    /// <summary>Deepest nesting of an item: what the fold's parser reads.</summary>
    public const int ItemDepthMax = 60;

    /// <summary>Deepest nesting of a body that is read at all.</summary>
    public const int BodyDepthMax = 10_000;

    private const int MessageIdCharactersMax = 100;
    private const int InstantBytesMax = 128;

    // Each byte of a name can be written as six.
    private const int NameBytesMax = 6 * 17;
    private const int ItemBytesTypical = 256;

    private readonly ReadOnlyMemory<byte> _body;
    private readonly int _itemsMax;
    private Utf8JsonReader _json;

    // How deep the values went that were passed over in the item.
    private int _deepest;

    private BatchReader(ReadOnlyMemory<byte> body, int itemsMax)
    {
        _body = body;
        _itemsMax = itemsMax;
        _json = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = BodyDepthMax });
    }

    /// <summary>Reads <c>{"batch":[...],"writeKey","sentAt"}</c>.</summary>
    /// <exception cref="BodyFormatException">It is no JSON, or not of this shape.</exception>
    public static Batch ReadBatch(ReadOnlyMemory<byte> body, int itemsMax) => Read(body, itemsMax, static (ref r) => r.ReadBatchBody());

    /// <summary>Reads one event whose type stands in the path.</summary>
    /// <exception cref="BodyFormatException">It is no JSON, or no object.</exception>
    public static Batch ReadSingle(ReadOnlyMemory<byte> body, string type) => Read(body, 1, (ref r) => r.ReadSingleBody(type));

    /// <summary>Reads one event object that says its type itself.</summary>
    /// <exception cref="BodyFormatException">It is no JSON, or no object.</exception>
    public static Envelope ReadEvent(ReadOnlyMemory<byte> json, int index) => Read(
        json,
        1,
        (ref r) =>
        {
            r.ReadStartObject();
            return r.ReadItem(index, out _);
        });

    private delegate T Body<T>(ref BatchReader reader);

    private static T Read<T>(ReadOnlyMemory<byte> body, int itemsMax, Body<T> read)
    {
        if (body.Span.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..];
        if (!Utf8.IsValid(body.Span))
            throw new BodyFormatException("invalid_json", "The body is not UTF-8.");
        var reader = new BatchReader(body, itemsMax);
        try
        {
            var batch = read(ref reader);
            if (reader._json.Read())
                throw new BodyFormatException("invalid_json", "Something follows the JSON value of the body.");
            return batch;
        }
        catch (JsonException e)
        {
            throw new BodyFormatException("invalid_json", $"The body is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
    }

    private Batch ReadBatchBody()
    {
        List<Envelope>? items = null;
        List<Envelope> surplus = [];
        string? writeKey = null;
        var sentAt = default(Field<DateTimeOffset>);
        var total = 0;
        ReadStartObject();
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.NameIs("batch"u8))
            {
                _json.Read();
                if (_json.TokenType != JsonTokenType.StartArray)
                    throw new BodyFormatException("invalid_shape", "\"batch\" is no array.");
                (items, total) = ReadItems(surplus);
            }
            else if (_json.NameIs("writeKey"u8))
            {
                _json.Read();
                writeKey = ReadText(out _);
            }
            else if (_json.NameIs("sentAt"u8))
            {
                _json.Read();
                sentAt = ReadInstant();
            }
            else
            {
                _json.Read();
                SkipValue();
            }
        }

        return items is null
            ? throw new BodyFormatException("invalid_shape", "The body has no \"batch\".")
            : new Batch([.. items], writeKey, sentAt) { Total = total, Surplus = [.. surplus] };
    }

    private Batch ReadSingleBody(string type)
    {
        ReadStartObject();
        var item = ReadItem(0, out var writeKey);
        item.Type = type;
        return new Batch([item], writeKey, item.SentAt) { Call = type };
    }

    private void ReadStartObject()
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject)
            throw new BodyFormatException("invalid_shape", "The body is no JSON object.");
    }

    private (List<Envelope> Items, int Total) ReadItems(List<Envelope> surplus)
    {
        var items = new List<Envelope>(Math.Min(_itemsMax, (int)((_body.Length - _json.BytesConsumed) / ItemBytesTypical) + 1));
        var total = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            var index = total++;
            var target = index < _itemsMax ? items : surplus;
            if (target.Count >= _itemsMax)
                SkipValue();
            else if (_json.TokenType == JsonTokenType.StartObject)
                target.Add(ReadItem(index, out _));
            else
                target.Add(ReadOther(index));
        }

        return (items, total);
    }

    private Envelope ReadOther(int index)
    {
        var start = (int)_json.TokenStartIndex;
        SkipValue();
        return new Envelope
        {
            Index = index,
            Json = _body[start..(int)_json.BytesConsumed],
            Fault = new Rejection(index, null, "invalid_item", "The item is no JSON object."),
        };
    }

    // Stands at the item's opening brace and leaves at its closing one.
    private Envelope ReadItem(int index, out string? writeKey)
    {
        var start = (int)_json.TokenStartIndex;
        var depth = _deepest = _json.CurrentDepth;
        var item = new Envelope { Index = index };
        var isPlain = false;
        var isOdd = false;
        writeKey = null;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var name = NameOfProperty();
            _json.Read();
            switch (name)
            {
                case Name.Type:
                    item.Type = ReadType(item);
                    break;
                case Name.Event:
                    isPlain = ReadEventName(item);
                    break;
                case Name.MessageId:
                    item.MessageId = ReadMessageId(item);
                    break;
                case Name.UserId:
                    item.UserId = ReadId(item, "userId");
                    break;
                case Name.AnonymousId:
                    item.AnonymousId = ReadId(item, "anonymousId");
                    break;
                case Name.Timestamp:
                    item.Timestamp = ReadInstant();
                    break;
                case Name.OriginalTimestamp:
                    item.OriginalTimestamp = ReadInstant();
                    break;
                case Name.SentAt:
                    item.SentAt = ReadInstant();
                    break;
                case Name.WriteKey:
                    item.HasWriteKey = true;
                    writeKey = ReadText(out _);
                    break;
                case Name.Properties or Name.Traits:
                    isOdd |= _json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null);
                    var value = ReadValue();
                    if (name == Name.Properties)
                        item.Properties = value;
                    break;
                default:
                    SkipValue();
                    break;
            }
        }

        item.Json = _body[start..(int)_json.BytesConsumed];
        item.IsPlain = isPlain && !isOdd && HasNothingHidden(item.Json.Span);
        if (_deepest - depth > ItemDepthMax)
            item.Fault ??= new Rejection(index, item.MessageId, "too_deep", $"The item is nested more than {ItemDepthMax} deep.");
        return item;
    }

    private enum Name
    {
        Other = 0,
        Type,
        Event,
        MessageId,
        UserId,
        AnonymousId,
        Timestamp,
        OriginalTimestamp,
        SentAt,
        WriteKey,
        Properties,
        Traits,
    }

    private readonly Name NameOfProperty()
    {
        if (!_json.ValueIsEscaped)
            return NameOf(_json.ValueSpan);
        Span<byte> name = stackalloc byte[NameBytesMax];
        return _json.ValueSpan.Length <= NameBytesMax ? NameOf(name[..Unescape(name)]) : Name.Other;
    }

    private static Name NameOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("type"u8) => Name.Type,
        5 when name.SequenceEqual("event"u8) => Name.Event,
        6 when name.SequenceEqual("userId"u8) => Name.UserId,
        6 when name.SequenceEqual("sentAt"u8) => Name.SentAt,
        6 when name.SequenceEqual("traits"u8) => Name.Traits,
        8 when name.SequenceEqual("writeKey"u8) => Name.WriteKey,
        9 when name.SequenceEqual("messageId"u8) => Name.MessageId,
        9 when name.SequenceEqual("timestamp"u8) => Name.Timestamp,
        10 when name.SequenceEqual("properties"u8) => Name.Properties,
        11 when name.SequenceEqual("anonymousId"u8) => Name.AnonymousId,
        17 when name.SequenceEqual("originalTimestamp"u8) => Name.OriginalTimestamp,
        _ => Name.Other,
    };

    // An escape may stand for anything, and who names an import has more checked.
    private static bool HasNothingHidden(ReadOnlySpan<byte> json) => !json.Contains((byte)'\\') && json.IndexOf("import"u8) < 0;

    private string? ReadType(Envelope item) =>
        _json is { TokenType: JsonTokenType.String, ValueIsEscaped: false } && EntryTypes.FindCall(_json.ValueSpan) is { } known
            ? known
            : ReadString(item, "type");

    /// <returns>Whether it is a name that any properties go with.</returns>
    private bool ReadEventName(Envelope item)
    {
        if (_json is { TokenType: JsonTokenType.String, ValueIsEscaped: false })
        {
            item.Event = _body.Slice((int)_json.TokenStartIndex + 1, _json.ValueSpan.Length);
            return EventCheck.TakesAnyProperties(_json.ValueSpan);
        }

        item.Event = Encoding.UTF8.GetBytes(ReadString(item, "event") ?? "");
        return false;
    }

    private string? ReadString(Envelope item, string field)
    {
        if (ReadText(out var isText) is { } text && isText)
            return text;
        if (_json.TokenType is not JsonTokenType.Null)
            item.Fault ??= new Rejection(item.Index, item.MessageId, "invalid_value", $"\"{field}\" is no text.");
        return null;
    }

    private string? ReadId(Envelope item, string field)
    {
        if (ReadText(out _) is { } text)
            return text;
        if (_json.TokenType is not JsonTokenType.Null)
            item.Fault ??= new Rejection(item.Index, item.MessageId, "invalid_user", $"\"{field}\" is neither text nor a number.");
        return null;
    }

    private string? ReadMessageId(Envelope item)
    {
        var text = ReadText(out _);
        if (text is null && _json.TokenType is JsonTokenType.Null)
            return null;
        if (text is { Length: > 0 } && (text.Length <= MessageIdCharactersMax || Characters(text) <= MessageIdCharactersMax))
            return text;
        item.Fault ??= new Rejection(item.Index, null, "invalid_message_id", $"\"messageId\" is a text of 1 to {MessageIdCharactersMax} characters.");
        return null;
    }

    private static int Characters(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
            count++;
        return count;
    }

    // A number keeps its exact text: ids beyond 2^53 would not survive a double.
    private string? ReadText(out bool isText)
    {
        isText = _json.TokenType == JsonTokenType.String;
        switch (_json.TokenType)
        {
            case JsonTokenType.String:
                try
                {
                    return _json.GetString();
                }
                catch (InvalidOperationException)
                {
                    // An escaped half of a surrogate pair: JSON by its grammar, but no text.
                    return null;
                }

            case JsonTokenType.Number:
                return Encoding.ASCII.GetString(_json.ValueSpan);
            default:
                SkipValue();
                return null;
        }
    }
}
