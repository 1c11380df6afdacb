using System.Buffers;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>What one customer tells another: who speaks, the place of the outcome that says it, and what it is about.</summary>
internal ref struct IdentityMessage
{
    public const string Merge = "merge";

    /// <summary>The speaker's id with its kind; the tenant is the receiver's.</summary>
    public string From;

    public SenderPlace Place;

    /// <summary>Of a refusal: why.</summary>
    public string Reason;

    /// <summary>Whose the id was so far; of a command, whom it is about.</summary>
    public string Of;

    /// <summary>Of a forwarded event: its type. Of a claim: <see cref="Merge"/> when an administrator asks for it.</summary>
    public string Type;

    /// <summary>Of a claim that asks for a known customer: how many ids may come with that one; -1 where it asks for a single id.</summary>
    public int Room;

    /// <summary>The state handed over, or the event forwarded, as it stands in the payload.</summary>
    public ReadOnlySpan<byte> Body;

    /// <exception cref="JsonException">It was not written by <see cref="Write"/>.</exception>
    public static IdentityMessage Read(ReadOnlySpan<byte> payload)
    {
        var message = new IdentityMessage { From = "", Reason = "", Type = "", Of = "", Room = -1 };
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = EventReader.DepthMax + 4 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("from"u8))
                message.From = Text(ref reader);
            else if (reader.ValueTextEquals("at"u8) && AlertId.TryParse(Text(ref reader), out var at))
                message.Place = new SenderPlace(at.Partition, at.Offset, at.Index);
            else if (reader.ValueTextEquals("reason"u8))
                message.Reason = Text(ref reader);
            else if (reader.ValueTextEquals("of"u8))
                message.Of = Text(ref reader);
            else if (reader.ValueTextEquals("type"u8))
                message.Type = Text(ref reader);
            else if (reader.ValueTextEquals("room"u8))
                message.Room = Number(ref reader);
            else if (reader.ValueTextEquals("body"u8))
                message.Body = Raw(ref reader, payload);
            else
                throw new JsonException("a message between customers has a field that this build does not know");
        }

        return message.From.Length > 0 ? message : throw new JsonException("a message between customers names no sender");
    }

    /// <summary>The message of <paramref name="state"/>, as the next outcome of the entry that is being folded.</summary>
    public static byte[] Write(CustomerState state, in FoldStep step, string reason = "", string type = "", string of = "", int room = -1, ReadOnlySpan<byte> body = default)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length + 256);
        using (var json = new Utf8JsonWriter(buffer, Rendering.Options))
        {
            json.WriteStartObject();
            json.WriteString("from", IdentityFold.IdOf(state.Key));
            json.WriteString("at", new AlertId(step.Entry.Partition, step.Entry.Offset, step.NextIndex).ToString());
            if (reason.Length > 0)
                json.WriteString("reason", reason);
            if (of.Length > 0)
                json.WriteString("of", of);
            if (type.Length > 0)
                json.WriteString("type", type);
            if (room >= 0)
                json.WriteNumber("room", room);
            if (body.Length > 0)
            {
                json.WritePropertyName("body");
                json.WriteRawValue(body, skipInputValidation: true);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string Text(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString() ?? "";
    }

    private static int Number(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetInt32();
    }

    private static ReadOnlySpan<byte> Raw(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> payload)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return payload[start..(int)reader.BytesConsumed];
    }
}
