using System.Buffers;
using System.Text.Json;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Server.WhatIf;

/// <summary>A report as JSON.</summary>
internal static class WhatIfJson
{
    /// <summary>Days that are told one by one: three years.</summary>
    private const int DaysMax = 1_100;

    public static byte[] Render(WhatIfRequest request, WhatIfReport report, bool isIndented)
    {
        var buffer = new ArrayBufferWriter<byte>(4_096);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = isIndented }))
            Write(json, request, report);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, WhatIfRequest request, WhatIfReport report)
    {
        json.WriteStartObject();
        WriteTime(json, "from", request.FromMs);
        WriteTime(json, "to", request.ToMs);
        json.WriteNumber("share", request.Share);
        json.WriteNumber("customers", report.Customers);
        json.WriteNumber("entries", report.Entries);
        json.WriteNumber("changed", report.Changed);
        json.WriteNumber("failed", report.Failed);
        json.WriteStartArray("warnings");
        foreach (var warning in ProgramWarnings.Of(request.Candidate))
            json.WriteStringValue(warning);
        json.WriteEndArray();
        WritePairs(json, "outcomes", report.Outcomes);
        WritePairs(json, "phases", report.Phases.Where(p => p.Key.Length > 0));
        json.WriteStartArray("moves");
        foreach (var ((from, to), customers) in report.Moves)
        {
            json.WriteStartObject();
            json.WriteString("current", from);
            json.WriteString("candidate", to);
            json.WriteNumber("customers", customers);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteSegments(json, report);
        json.WriteStartArray("days");
        foreach (var (day, numbers) in report.Days.Take(DaysMax))
        {
            json.WriteStartObject();
            json.WriteString("day", day);
            WritePair(json, "alertsRaised", numbers.AlertsRaised);
            WritePair(json, "alertsWithdrawn", numbers.AlertsWithdrawn);
            WritePair(json, "points", numbers.Points);
            WritePair(json, "phasesEntered", numbers.Phases);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("examples");
        foreach (var example in report.Examples)
        {
            json.WriteStartObject();
            json.WriteString("customer", example.Customer);
            WriteNotes(json, "current", example.Current);
            WriteNotes(json, "candidate", example.Candidate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteSegments(Utf8JsonWriter json, WhatIfReport report)
    {
        json.WriteStartObject("segments");
        foreach (var (name, moves) in report.Segments)
        {
            json.WriteStartObject(name);
            json.WriteNumber("current", moves.Customers.Current);
            json.WriteNumber("candidate", moves.Customers.Candidate);
            json.WriteNumber("enter", moves.Enter);
            json.WriteNumber("leave", moves.Leave);
            WriteNames(json, "entering", moves.Entering);
            WriteNames(json, "leaving", moves.Leaving);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string name, List<string> customers)
    {
        json.WriteStartArray(name);
        foreach (var customer in customers)
            json.WriteStringValue(customer);
        json.WriteEndArray();
    }

    private static void WritePairs(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, Pair>> pairs)
    {
        json.WriteStartObject(name);
        foreach (var (key, pair) in pairs)
            WritePair(json, key, pair);
        json.WriteEndObject();
    }

    private static void WritePair(Utf8JsonWriter json, string name, Pair pair)
    {
        json.WriteStartObject(name);
        json.WriteNumber("current", pair.Current);
        json.WriteNumber("candidate", pair.Candidate);
        json.WriteEndObject();
    }

    private static void WriteNotes(Utf8JsonWriter json, string name, (long TimeMs, string Text)[] notes)
    {
        json.WriteStartArray(name);
        foreach (var (timeMs, text) in notes)
        {
            json.WriteStartObject();
            WriteTime(json, "time", timeMs);
            json.WriteString("outcome", text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, long ms) => json.WriteString(name, DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime);
}
