using System.Text.Json;
using OrleansCrm.Engagement.Alerts;

namespace OrleansCrm.Engagement.Customers;

/// <summary>What agents and time have done to an alert, as the snapshot has it.</summary>
internal static class AlertHandlingSnapshot
{
    public static void Write(Utf8JsonWriter json, Alert alert)
    {
        json.WriteNumber("rev", alert.Revision);
        if (alert.SnoozedUntilMs != 0)
            json.WriteNumber("snoozed", alert.SnoozedUntilMs);
        if (alert.EscalatedAtMs != 0)
        {
            json.WriteStartArray("escalated");
            json.WriteNumberValue(alert.EscalatedAtMs);
            json.WriteNumberValue(alert.SeverityRaise);
            json.WriteEndArray();
        }

        if ((alert.GivenAtMs | alert.ActByMs | alert.TakenAtMs | alert.FinishedAtMs) != 0)
            WriteInstants(json, alert);
        if (alert.Skills.Length > 0)
            WriteTexts(json, "skills", alert.Skills);
        if (alert.PassedBy is not null)
            WriteTexts(json, "passed", alert.PassedBy);
        if (alert.Notes is null)
            return;
        json.WriteStartArray("notes");
        foreach (var note in alert.Notes)
        {
            json.WriteNumberValue(note.TimeMs);
            json.WriteStringValue(note.By);
            json.WriteStringValue(note.Text);
        }

        json.WriteEndArray();
    }

    public static void Read(JsonElement json, Alert alert)
    {
        if (json.TryGetProperty("rev", out var revision))
            alert.Revision = revision.GetInt64();
        if (json.TryGetProperty("snoozed", out var snoozed))
            alert.SnoozedUntilMs = snoozed.GetInt64();
        if (json.TryGetProperty("escalated", out var escalated))
            (alert.EscalatedAtMs, alert.SeverityRaise) = (escalated[0].GetInt64(), escalated[1].GetInt32());
        if (json.TryGetProperty("hands", out var hands))
        {
            (alert.GivenAtMs, alert.ActByMs) = (hands[0].GetInt64(), hands[1].GetInt64());
            (alert.TakenAtMs, alert.FinishedAtMs) = (hands[2].GetInt64(), hands[3].GetInt64());
        }

        if (json.TryGetProperty("passed", out var passed))
            alert.PassedBy = [.. passed.EnumerateArray().Select(agent => agent.GetString()!)];
        if (!json.TryGetProperty("notes", out var notes))
            return;
        alert.Notes = new List<AlertNote>(notes.GetArrayLength() / 3);
        for (var i = 0; i < notes.GetArrayLength(); i += 3)
            alert.Notes.Add(new AlertNote(notes[i].GetInt64(), notes[i + 1].GetString()!, notes[i + 2].GetString()!));
    }

    public static string[] ReadSkills(JsonElement json) =>
        json.TryGetProperty("skills", out var skills) ? [.. skills.EnumerateArray().Select(skill => skill.GetString()!)] : [];

    private static void WriteInstants(Utf8JsonWriter json, Alert alert)
    {
        json.WriteStartArray("hands");
        json.WriteNumberValue(alert.GivenAtMs);
        json.WriteNumberValue(alert.ActByMs);
        json.WriteNumberValue(alert.TakenAtMs);
        json.WriteNumberValue(alert.FinishedAtMs);
        json.WriteEndArray();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
