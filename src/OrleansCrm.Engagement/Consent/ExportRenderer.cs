using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Consent;

/// <summary>Everything that a customer's state holds about the person, for the person: the profile, and what stands behind it.</summary>
public static class ExportRenderer
{
    /// <summary>A JSON object; the entries of the journal are not in it.</summary>
    public static byte[] Render(CustomerState state, ProgramDocument program, long asOfMs) => Rendering.Object(json =>
    {
        json.WritePropertyName("profile");
        json.WriteRawValue(ProfileRenderer.Render(state, program, asOfMs), skipInputValidation: true);
        WriteTraits(json, state);
        WriteConsents(json, state);
        WriteOrders(json, state);
        WriteLedger(json, state);
        json.WriteStartArray("alerts");
        foreach (var alert in state.Alerts ?? [])
            json.WriteRawValue(AlertRenderer.Render(state, program, alert), skipInputValidation: true);
        json.WriteEndArray();
    });

    private static void WriteTraits(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartArray("traits");
        foreach (var trait in state.Traits ?? [])
        {
            json.WriteStartObject();
            json.WriteString("name", trait.Name);
            json.WritePropertyName("value");
            json.WriteRawValue(trait.Value, skipInputValidation: true);
            json.WriteString("time", Rendering.Instant(trait.TimeMs));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteConsents(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartArray("consents");
        foreach (var record in state.Consents ?? [])
        {
            json.WriteStartObject();
            json.WriteString("purpose", record.Purpose);
            json.WriteString("channel", record.Channel);
            json.WriteBoolean("granted", record.IsGranted);
            json.WriteString("time", Rendering.Instant(record.TimeMs));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Orders, and what is known of those that were refunded, cancelled or updated and have not been placed yet.</summary>
    private static void WriteOrders(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartArray("orders");
        foreach (var order in state.ReadOrders())
        {
            json.WriteStartObject();
            json.WriteString("entry", EntryPlace.ToId(state, order.EntryOffset).ToString());
            json.WriteString("time", Rendering.Instant(order.PlacedMs));
            Rendering.WriteMoney(json, "net", order.NetMicros, order.Currency);
            json.WriteBoolean("cancelled", order.IsCancelled);
            json.WriteNumber("points", order.Points);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("waitingOrders");
        foreach (var order in state.WaitingOrders ?? [])
        {
            json.WriteStartObject();
            json.WritePropertyName("value");
            Rendering.WriteAmount(json, order.ValueMicros);
            json.WritePropertyName("refunded");
            Rendering.WriteAmount(json, order.RefundedMicros);
            json.WriteBoolean("cancelled", order.IsCancelled);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLedger(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject("ledger");
        json.WriteNumber("available", state.Ledger?[PointsAccount.Available] ?? 0);
        json.WriteStartArray("lines");
        foreach (var line in state.Ledger?.Lines ?? [])
        {
            json.WriteStartObject();
            json.WriteString("entry", EntryPlace.ToId(state, line.Offset).ToString());
            json.WriteString("time", Rendering.Instant(line.TimeMs));
            json.WriteString("from", LedgerWords.Of(line.From));
            json.WriteString("to", LedgerWords.Of(line.To));
            json.WriteNumber("points", line.Points);
            json.WriteString("reason", LedgerWords.Of(line.Reason));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
