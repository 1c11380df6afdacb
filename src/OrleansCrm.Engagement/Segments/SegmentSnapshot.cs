using System.Text.Json;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Segments;

/// <summary>The stored form of a customer's segments and of what conditions count.</summary>
internal static class SegmentSnapshot
{
    public static void Write(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Segments.Length > 0)
        {
            json.WriteStartArray("segments");
            foreach (var name in state.Segments)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }

        if (state.SegmentsNextMs != 0)
            json.WriteNumber("segmentsNext", state.SegmentsNextMs);
        if (state.Counted is null)
            return;
        json.WriteStartObject("counted");
        foreach (var counted in state.Counted)
        {
            json.WriteStartArray(counted.Name);
            var beforeMs = 0L;
            foreach (var time in counted.Times)
            {
                json.WriteNumberValue(time.TimeMs - beforeMs);
                json.WriteNumberValue(time.Key);
                beforeMs = time.TimeMs;
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static void Read(JsonElement json, CustomerState state)
    {
        if (json.TryGetProperty("segments", out var segments))
            state.Segments = [.. segments.EnumerateArray().Select(name => name.GetString()!)];
        if (json.TryGetProperty("segmentsNext", out var next))
            state.SegmentsNextMs = next.GetInt64();
        if (!json.TryGetProperty("counted", out var all))
            return;
        state.Counted = [];
        foreach (var named in all.EnumerateObject())
        {
            var counted = new CountedTimes(named.Name);
            var timeMs = 0L;
            for (var row = new SnapshotReader.Row(named.Value); !row.IsAtEnd;)
                counted.Times.Add(new CountedTime(timeMs += row.Long(), row.Next().GetUInt64()));
            state.Counted.Add(counted);
        }
    }
}
