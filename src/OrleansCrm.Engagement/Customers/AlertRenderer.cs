using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>Alerts as agents see them.</summary>
public static class AlertRenderer
{
    /// <summary>The words of all severities, the least first.</summary>
    public static ReadOnlySpan<string> Severities => AlertWords.Severities;

    /// <summary>The alert as it is now; null when the customer has none of that id.</summary>
    public static byte[]? Render(CustomerState state, ProgramDocument program, string alertId) =>
        AlertCommands.Find(state, alertId) is { } alert ? Render(state, program, alert) : null;

    internal static byte[] Render(CustomerState state, ProgramDocument program, Alert alert) => Rendering.Object(json =>
    {
        json.WriteString("id", alert.Id.ToString());
        json.WriteNumber("revision", alert.Revision);
        json.WriteString("desk", alert.Desk);
        json.WriteString("customerId", state.Id);
        json.WriteString("kind", alert.Kind);
        json.WriteString("severity", AlertWords.Of(alert.Severity));
        json.WriteString("status", AlertWords.Of(alert.Status));
        json.WriteString("raisedAt", Rendering.Instant(alert.Case.RaisedAtMs));
        json.WriteString("dueAt", Rendering.Instant(alert.DueAtMs));
        Rendering.WriteInstant(json, "escalatedAt", alert.EscalatedAtMs);
        Rendering.WriteInstant(json, "snoozedUntil", alert.SnoozedUntilMs);
        WriteTextOrNull(json, "owner", state.Owner);
        WriteTextOrNull(json, "claimedBy", alert.ClaimedBy);
        Rendering.WriteInstant(json, "actBy", alert.ActByMs);
        Rendering.WriteInstant(json, "givenAt", alert.GivenAtMs);
        WriteTexts(json, "passedBy", alert.PassedBy);
        WriteTexts(json, "skills", alert.Skills);
        json.WriteString("recordedAt", Rendering.Instant(alert.RecordedMs));
        Rendering.WriteInstant(json, "takenAt", alert.TakenAtMs);
        Rendering.WriteInstant(json, "finishedAt", alert.FinishedAtMs);
        WriteTextOrNull(json, "outcome", alert.Outcome);
        json.WriteString("title", alert.Case.TitleOf(Traits.Text(state, "name") ?? state.Id));
        WriteReasons(json, alert.Case);
        json.WriteStartArray("evidence");
        foreach (var offset in alert.Evidence)
            json.WriteStringValue(EntryPlace.ToId(state, offset).ToString());
        json.WriteEndArray();
        WriteCustomer(json, state, program);
        json.WriteStartArray("suggestedActions");
        foreach (var action in program.Alerts.ActionsOf(alert.Kind))
        {
            if (action.Channel.Length == 0 || Consents.IsGranted(state, program, action.Purpose, action.Channel))
                json.WriteStringValue(action.Text);
        }

        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (var note in alert.Notes ?? [])
            note.Write(json);
        json.WriteEndArray();
    });

    /// <summary>What may stay of an alert, as rendered, when its customer is erased: where it stood and when. For everybody it is over.</summary>
    public static byte[] Erase(ReadOnlySpan<byte> alert)
    {
        var reader = new Utf8JsonReader(alert);
        using var parsed = JsonDocument.ParseValue(ref reader);
        var root = parsed.RootElement.Clone();
        return Rendering.Object(json =>
        {
            foreach (var name in new[] { "id", "desk", "kind", "severity", "raisedAt", "dueAt", "escalatedAt" })
            {
                if (root.TryGetProperty(name, out var kept))
                {
                    json.WritePropertyName(name);
                    kept.WriteTo(json);
                }
            }

            json.WriteString("customerId", "");
            json.WriteString("status", AlertWords.Of(AlertStatus.Withdrawn));
            json.WriteNull("claimedBy");
            json.WriteNull("outcome");
            json.WriteString("title", "The customer was erased");
            foreach (var name in new[] { "reasons", "evidence", "suggestedActions", "notes" })
            {
                json.WriteStartArray(name);
                json.WriteEndArray();
            }

            json.WriteStartObject("customer");
            json.WriteString("id", "");
            json.WriteNull("name");
            json.WriteNull("email");
            json.WriteString("phase", "");
            json.WriteString("tier", "");
            json.WriteNumber("orders", 0);
            json.WriteStartObject("revenue");
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    internal static void WriteReasons(Utf8JsonWriter json, AlertCase alert)
    {
        json.WriteStartArray("reasons");
        alert.WriteReasons(json);
        json.WriteEndArray();
    }

    private static void WriteCustomer(Utf8JsonWriter json, CustomerState state, ProgramDocument program)
    {
        json.WriteStartObject("customer");
        json.WriteString("id", state.Id);
        WriteTextOrNull(json, "name", Traits.Text(state, "name") ?? "");
        WriteTextOrNull(json, "email", Traits.Text(state, "email") ?? "");
        json.WriteString("phase", PhaseWords.Of(state.Standing.Phase));
        json.WriteString("tier", program.Loyalty.Tiers.NameOf(state.Loyalty?.Outlook.Tier.Level ?? 0));
        json.WriteNumber("orders", state.OrderCount);
        ProfileRenderer.WriteRevenue(json, state);
        Consents.Write(json, state, program);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string>? texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts ?? [])
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    internal static void WriteTextOrNull(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length == 0)
            json.WriteNull(name);
        else
            json.WriteString(name, text);
    }
}
