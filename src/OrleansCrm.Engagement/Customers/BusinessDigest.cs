using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What the business means by a customer's state, in canonical bytes: the same for the same facts, in whatever order, batches and
/// processes they were folded. Leaves out where things stand in the journal, when they were recorded, what agents did, and what is over.
/// </summary>
public static class BusinessDigest
{
    public static byte[] Describe(CustomerState state, ProgramDocument program) => Rendering.Object(json =>
    {
        json.WriteString("key", state.Key);
        json.WriteNumber("program", program.Version);
        if (state.LinkedTo.Length > 0)
            json.WriteString("linkedTo", state.LinkedTo);
        WriteIdentities(json, state);
        json.WriteNumber("events", state.Events);
        ProfileRenderer.WriteTraits(json, state);
        Consents.Write(json, state, program);
        json.WriteNumber("orders", state.OrderCount);
        json.WriteStartObject("revenue");
        foreach (var total in state.Revenue ?? [])
        {
            if (total.Micros != 0)
                json.WriteNumber(total.Currency, total.Micros);
        }

        json.WriteEndObject();
        json.WriteNumber("points", state.Ledger?[PointsAccount.Available] ?? 0);
        WriteLoyalty(json, state);
        if (state.Feedback is not null)
            FeedbackRenderer.Write(json, state);
        json.WriteString("phase", PhaseWords.Of(state.Standing.Phase));
        json.WriteNumber("since", state.Standing.SinceMs);
        json.WriteNumber("purchases", state.Purchases.Purchases);
        json.WriteNumber("days", state.Purchases.Days);
        json.WriteNumber("first", state.Purchases.FirstMs);
        json.WriteNumber("last", state.Purchases.LastMs);
        json.WriteNumber("churn", (int)state.Standing.Churn);
        json.WriteNumber("atRisk", state.Churn.AtRiskMs);
        json.WriteNumber("lost", state.Churn.LostMs);
        AcquisitionSnapshot.Write(json, state.Acquisition);
        if (state.Segments.Length > 0)
            json.WriteString("segments", string.Join(' ', state.Segments));
        if (state.Owner.Length > 0)
            json.WriteString("owner", state.Owner);
        json.WriteStartArray("alerts");
        foreach (var alert in ChurnAlerts.Unfinished(state))
        {
            json.WriteStartObject();
            json.WriteString("kind", alert.Kind);
            json.WriteNumber("raisedAt", alert.Case.RaisedAtMs);
            json.WriteString("severity", AlertWords.Of(alert.Case.Severity));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void WriteLoyalty(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Loyalty is not { } account)
            return;
        json.WriteNumber("pending", state.Ledger?[PointsAccount.Pending] ?? 0);
        json.WriteNumber("held", state.Ledger?[PointsAccount.Held] ?? 0);
        json.WriteNumber("tier", account.Outlook.Tier.Level);
        json.WriteNumber("qualifying", account.Outlook.Tier.Points);
        json.WriteStartArray("expiring");
        foreach (var (atMs, points) in account.Outlook.Expiring)
        {
            json.WriteNumberValue(atMs);
            json.WriteNumberValue(points);
        }

        json.WriteEndArray();
    }

    private static void WriteIdentities(Utf8JsonWriter json, CustomerState state)
    {
        if (state.Links is null)
            return;
        json.WriteStartArray("identities");
        foreach (var link in state.Links.Where(l => l.Status == LinkStatus.Linked).OrderBy(l => l.Id, StringComparer.Ordinal))
            json.WriteStringValue(link.Id);
        json.WriteEndArray();
    }
}
