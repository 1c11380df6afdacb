using System.Globalization;
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
    /// <summary>The alert as it is now; null when the customer has none of that id.</summary>
    public static byte[]? Render(CustomerState state, ProgramDocument program, string alertId) =>
        AlertCommands.Find(state, alertId) is { } alert ? Render(state, program, alert) : null;

    internal static byte[] Render(CustomerState state, ProgramDocument program, Alert alert) => Rendering.Object(json =>
    {
        json.WriteString("id", alert.Id.ToString());
        json.WriteString("desk", alert.Desk);
        json.WriteString("customerId", state.Id);
        json.WriteString("kind", AlertWords.ChurnRisk);
        json.WriteString("severity", AlertWords.Of(alert.Severity));
        json.WriteString("status", AlertWords.Of(alert.Status));
        json.WriteString("raisedAt", Rendering.Instant(alert.Case.RaisedAtMs));
        json.WriteString("dueAt", Rendering.Instant(alert.DueAtMs));
        Rendering.WriteInstant(json, "escalatedAt", alert.EscalatedAtMs);
        Rendering.WriteInstant(json, "snoozedUntil", alert.SnoozedUntilMs);
        WriteTextOrNull(json, "claimedBy", alert.ClaimedBy);
        WriteTextOrNull(json, "outcome", alert.Outcome);
        json.WriteString("title", TitleOf(state, alert.Case));
        WriteReasons(json, alert.Case);
        json.WriteStartArray("evidence");
        foreach (var offset in alert.Evidence)
            json.WriteStringValue(EntryPlace.ToId(state, offset).ToString());
        json.WriteEndArray();
        WriteCustomer(json, state, program);
        json.WriteStartArray("suggestedActions");
        foreach (var action in program.Alerts.ChurnRisk.SuggestedActions)
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

    private static string TitleOf(CustomerState state, in ChurnCase churn) =>
        Say($"{Traits.Text(state, "name") ?? state.Id} has been silent for {churn.SilentDays} days and is about to leave");

    internal static void WriteReasons(Utf8JsonWriter json, in ChurnCase churn)
    {
        json.WriteStartArray("reasons");
        if (churn.GapDays > 0)
        {
            WriteReason(
                json, "silent_days", Say($"buys every {churn.GapDays:0.#} days on average, silent for {churn.SilentDays}"), churn.SilentDays);
            WriteReason(json, "usual_gap_days", Say($"{churn.GapDays:0.#} days between purchases on average"), Rounded(churn.GapDays, 10));
        }
        else
        {
            WriteReason(json, "silent_days", Say($"silent for {churn.SilentDays} days"), churn.SilentDays);
        }

        WriteReason(
            json,
            "probability_alive",
            Say($"probability of still being a customer {churn.Alive:0.00}, was {churn.AliveBefore:0.00} a month before"),
            Rounded(churn.Alive, 1e6));
        WriteReason(
            json, "probability_alive_before", Say($"{churn.AliveBefore:0.00} a month before"), Rounded(churn.AliveBefore, 1e6));
        WriteReason(json, "risk", Say($"probability of no purchase within the horizon {churn.Risk:0.00}"), Rounded(churn.Risk, 1e6));
        WriteReason(
            json,
            "revenue_at_risk",
            Say($"{churn.Currency} {churn.ValueMicros / 1_000_000m:#,0} expected over 12 months at risk"),
            churn.ValueMicros / 1e6);
        WriteReason(json, "orders", Say($"{churn.Purchases} orders so far"), churn.Purchases);
        json.WriteEndArray();
    }

    private static void WriteReason(Utf8JsonWriter json, string code, string text, double value)
    {
        json.WriteStartObject();
        json.WriteString("code", code);
        json.WriteString("text", text);
        json.WriteNumber("value", value);
        json.WriteEndObject();
    }

    private static void WriteCustomer(Utf8JsonWriter json, CustomerState state, ProgramDocument program)
    {
        json.WriteStartObject("customer");
        json.WriteString("id", state.Id);
        WriteTextOrNull(json, "name", Traits.Text(state, "name") ?? "");
        WriteTextOrNull(json, "email", Traits.Text(state, "email") ?? "");
        json.WriteString("phase", PhaseWords.Of(state.Standing.Phase));
        json.WriteString("tier", "");
        json.WriteNumber("orders", state.OrderCount);
        ProfileRenderer.WriteRevenue(json, state);
        Consents.Write(json, state, program);
        json.WriteEndObject();
    }

    private static void WriteTextOrNull(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length == 0)
            json.WriteNull(name);
        else
            json.WriteString(name, text);
    }

    private static double Rounded(double value, double scale) => Math.Floor(value * scale + 0.5) / scale;

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
