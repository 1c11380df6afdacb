using System.Globalization;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What stands in a customer's history in the place of the entries that were moved to an archive: the state that they led to, with which a fold
/// begins. Erasing the customer blanks it, and with it goes the only key to what the archive has of him.
/// </summary>
/// <param name="State">A snapshot (<see cref="SnapshotCodec"/>) after the newest of them.</param>
/// <param name="Entries">How many there ever were up to there.</param>
/// <param name="Chain">What a check of the history has added up over them.</param>
/// <param name="Key">32 bytes: the archive's entries of this customer are encrypted with it.</param>
public sealed record ArchivedHistory(byte[] State, long Entries, ulong Chain, byte[] Key)
{
    /// <summary>The payload of <see cref="EntryTypes.HistoryArchived"/>.</summary>
    public byte[] ToPayload() => Rendering.Object(json =>
    {
        json.WriteNumber("entries", Entries);
        json.WriteString("chain", Chain.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteBase64String("key", Key);
        json.WritePropertyName("state");
        json.WriteRawValue(State, skipInputValidation: true);
    });

    /// <exception cref="SnapshotVersionException">It is no such payload.</exception>
    public static ArchivedHistory Read(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
            using var parsed = JsonDocument.ParseValue(ref reader);
            var root = parsed.RootElement;
            return new ArchivedHistory(
                System.Text.Encoding.UTF8.GetBytes(root.GetProperty("state").GetRawText()),
                root.GetProperty("entries").GetInt64(),
                ulong.Parse(root.GetProperty("chain").GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                root.GetProperty("key").GetBytesFromBase64());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new SnapshotVersionException("An archived history cannot be read: " + e.Message);
        }
    }
}
