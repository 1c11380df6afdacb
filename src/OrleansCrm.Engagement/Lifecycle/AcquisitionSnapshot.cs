using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>Stored form and profile of where a customer came from.</summary>
internal static class AcquisitionSnapshot
{
    public static void Write(Utf8JsonWriter json, Acquisition? acquisition)
    {
        if (acquisition is null)
            return;
        json.WriteStartArray("acquisition");
        Write(json, acquisition.First);
        if (acquisition.Last != acquisition.First)
            Write(json, acquisition.Last);
        json.WriteEndArray();
    }

    public static Acquisition? Read(JsonElement json)
    {
        if (!json.TryGetProperty("acquisition", out var list))
            return null;
        var row = new SnapshotReader.Row(list);
        var first = ReadTouch(ref row);
        return new Acquisition(first, row.IsAtEnd ? first : ReadTouch(ref row));
    }

    public static void WriteProfile(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject("acquisition");
        WriteProfile(json, "first", state.Acquisition?.First);
        WriteProfile(json, "last", state.Acquisition?.Last);
        json.WriteEndObject();
    }

    private static void WriteProfile(Utf8JsonWriter json, string name, Touch? touch)
    {
        if (touch is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartObject(name);
        Rendering.WriteTime(json, "at", touch.TimeMs);
        foreach (var part in Acquisition.Parts)
            json.WriteString(part, touch[part] is { Length: > 0 } text ? text : null);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Touch touch)
    {
        json.WriteNumberValue(touch.TimeMs);
        foreach (var part in Acquisition.Parts)
            json.WriteStringValue(touch[part]);
    }

    private static Touch ReadTouch(ref SnapshotReader.Row row) => new(row.Long(), row.Text(), row.Text(), row.Text(), row.Text());
}
