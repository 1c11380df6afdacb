using System.Text.Json;
using OrleansCrm.Engagement.Alerts;

namespace OrleansCrm.Engagement.Customers;

/// <summary>What agents and time have done to an alert, as the snapshot has it.</summary>
internal static class AlertHandlingSnapshot
{
    public static void Write(Utf8JsonWriter json, Alert alert)
    {
        if (alert.SnoozedUntilMs != 0)
            json.WriteNumber("snoozed", alert.SnoozedUntilMs);
        if (alert.EscalatedAtMs != 0)
        {
            json.WriteStartArray("escalated");
            json.WriteNumberValue(alert.EscalatedAtMs);
            json.WriteNumberValue(alert.SeverityRaise);
            json.WriteEndArray();
        }

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
        if (json.TryGetProperty("snoozed", out var snoozed))
            alert.SnoozedUntilMs = snoozed.GetInt64();
        if (json.TryGetProperty("escalated", out var escalated))
            (alert.EscalatedAtMs, alert.SeverityRaise) = (escalated[0].GetInt64(), escalated[1].GetInt32());
        if (!json.TryGetProperty("notes", out var notes))
            return;
        alert.Notes = new List<AlertNote>(notes.GetArrayLength() / 3);
        for (var i = 0; i < notes.GetArrayLength(); i += 3)
            alert.Notes.Add(new AlertNote(notes[i].GetInt64(), notes[i + 1].GetString()!, notes[i + 2].GetString()!));
    }
}
