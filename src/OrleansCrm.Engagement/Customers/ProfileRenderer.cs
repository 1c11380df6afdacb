using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Feedback;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Customers;

/// <summary>The customer as <c>GET /v1/customers/{id}</c> answers.</summary>
public static class ProfileRenderer
{
    private const int ValueHorizonDays = 365;

    /// <summary>
    /// Renders the state; what moves with time (risk, expected orders and revenue) is computed for the later of
    /// <paramref name="asOfMs"/> and the newest entry. <c>clv</c> is the expected number of orders within its horizon times the average
    /// order, not discounted.
    /// </summary>
    public static byte[] Render(CustomerState state, ProgramDocument program, long asOfMs)
    {
        var timeMs = Math.Max(asOfMs, state.NewestMs);
        return Rendering.Object(json =>
        {
            json.WriteString("id", state.Id);
            json.WriteNumber("version", state.Version);
            Rendering.WriteTime(json, "asOf", timeMs);
            json.WriteNumber("events", state.Events);
            WriteIdentities(json, state);
            WriteTraits(json, state);
            json.WriteString("phase", PhaseWords.Of(state.Standing.Phase));
            if (state.Standing.Phase == Phase.None)
                json.WriteNull("phaseSince");
            else
                Rendering.WriteTime(json, "phaseSince", state.Standing.SinceMs);
            WriteOnboarding(json, state, program, timeMs);
            AlertRenderer.WriteTextOrNull(json, "owner", state.Owner);
            LoyaltyRenderer.Write(json, state, program);
            WriteChurn(json, state, program, timeMs);
            WriteValue(json, state, program, timeMs);
            FeedbackRenderer.Write(json, state);
            json.WriteStartArray("segments");
            foreach (var segment in state.Segments)
                json.WriteStringValue(segment);
            json.WriteEndArray();
            Consents.Write(json, state, program);
            AcquisitionSnapshot.WriteProfile(json, state);
            ReferralRecord.WriteProfile(json, state);
            WriteOpenAlerts(json, state);
            NextBestRenderer.Write(json, state, timeMs);
            WriteRecent(json, state);
        });
    }

    /// <summary>Why the customer stands there, and what there is to do in the first days of bonding; null in every other time.</summary>
    private static void WriteOnboarding(Utf8JsonWriter json, CustomerState state, ProgramDocument program, long timeMs)
    {
        Standing.At(state, program, state.NewestMs, out var reason);
        json.WriteString("phaseReason", reason);
        var endsMs = state.Standing.SinceMs + program.Lifecycle.OnboardingDays * UtcDay.Ms;
        if (state.Standing.Phase != Phase.Bonding || endsMs <= timeMs)
        {
            json.WriteNull("onboarding");
            return;
        }

        json.WriteStartObject("onboarding");
        Rendering.WriteTime(json, "until", endsMs);
        json.WriteBoolean("account", IdentityFold.IdOf(state.Key).StartsWith("user:", StringComparison.Ordinal));
        json.WriteBoolean("secondVisit", UtcDay.Of(state.FirstSeenMs) != UtcDay.Of(state.LastSeenMs));
        json.WriteBoolean("firstReview", state.Feedback?.TallyOf(FeedbackKind.Review).Count > 0);
        json.WriteEndObject();
    }

    internal static void WriteRevenue(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject("revenue");
        foreach (var total in state.Revenue ?? [])
        {
            json.WritePropertyName(total.Currency);
            Rendering.WriteAmount(json, total.Micros);
        }

        json.WriteEndObject();
    }

    internal static void WriteTraits(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject("traits");
        foreach (var trait in state.Traits ?? [])
        {
            if (trait.IsNull)
                continue;
            json.WritePropertyName(trait.Name);
            json.WriteRawValue(trait.Value, skipInputValidation: true);
        }

        json.WriteEndObject();
    }

    private static void WriteIdentities(Utf8JsonWriter json, CustomerState state)
    {
        var key = CustomerKey.Parse(state.Key);
        json.WriteStartArray("identities");
        json.WriteStringValue((key.Kind == CustomerKind.User ? "user:" : "anonymous:") + key.Id);
        foreach (var link in state.Links ?? [])
        {
            // A referral code is an id of ours, and stands under "referral".
            if (link.Status == LinkStatus.Linked && !Referrals.IsCodeId(link.Id))
                json.WriteStringValue(link.Id);
        }

        json.WriteEndArray();
    }

    private static void WriteChurn(Utf8JsonWriter json, CustomerState state, ProgramDocument program, long timeMs)
    {
        var rules = program.ChurnOf(state);
        ref readonly var purchases = ref state.Purchases;
        json.WriteStartObject("churn");
        if (purchases.Purchases == 0)
        {
            json.WriteNull("risk");
            json.WriteNull("probabilityAlive");
        }
        else
        {
            Rendering.WriteProbability(json, "risk", ChurnInstants.RiskAt(purchases, rules, timeMs));
            Rendering.WriteProbability(
                json, "probabilityAlive", rules.Model.ProbabilityAlive(purchases.History, ChurnInstants.SilenceAt(purchases, timeMs)));
        }

        json.WriteNumber("horizonDays", rules.HorizonDays);
        json.WriteString("model", rules.Model.Name);
        if (program.ChurnSegmentOf(state) is { } segment)
            json.WriteString("segment", segment);
        json.WriteStartArray("crossesAt");
        if (purchases.Purchases >= rules.OrdersMin)
        {
            var atPurchase = rules.RiskOf(purchases.History, default);
            WriteCrossing(json, "at_risk", rules.AtRisk.For(atPurchase), state.Churn.AtRiskMs);
            WriteCrossing(json, "lost", rules.Lost.For(atPurchase), state.Churn.LostMs);
        }

        json.WriteEndArray();
        if (ChurnAlerts.Unfinished(state, ChurnAlertRules.Kind) is { } alert)
            AlertRenderer.WriteReasons(json, alert.Case);
        else
            WriteEmptyArray(json, "reasons");
        json.WriteEndObject();
    }

    private static void WriteCrossing(Utf8JsonWriter json, string name, double threshold, long atMs)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        Rendering.WriteProbability(json, "threshold", threshold);
        Rendering.WriteInstant(json, "at", atMs);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, CustomerState state, ProgramDocument program, long timeMs)
    {
        var value = CustomerValue.Of(state, program);
        var predicted = CustomerValue.ExpectedOrders(state, program, timeMs, Weeks.FromDays(90));
        json.WriteStartObject("value");
        json.WriteNumber("orders", state.OrderCount);
        WriteRevenue(json, state);
        Rendering.WriteMoney(json, "averageOrder", Rendering.ToCents(value.AverageOrderMicros), value.Currency);
        json.WriteNumber("predictedOrders90d", Math.Floor(predicted * 1e6 + 0.5) / 1e6);
        json.WriteStartObject("clv");
        json.WritePropertyName("amount");
        Rendering.WriteAmount(json, value.ExpectedMicros(state, program, timeMs, Weeks.FromDays(ValueHorizonDays)));
        json.WriteString("currency", value.Currency);
        json.WriteNumber("horizonDays", ValueHorizonDays);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteOpenAlerts(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartArray("openAlerts");
        foreach (var alert in state.Alerts ?? [])
        {
            if (!alert.IsFinished)
                json.WriteStringValue(alert.Id.ToString());
        }

        json.WriteEndArray();
    }

    private static void WriteRecent(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartArray("recent");
        for (var i = (state.Recent?.Count ?? 0) - 1; i >= 0; i--)
        {
            var interaction = state.Recent![i];
            json.WriteStartObject();
            Rendering.WriteEntry(json, "entry", EntryPlace.ToId(state, interaction.Offset));
            json.WriteString("type", EntryTypes.CallOf(interaction.Type));
            json.WriteString("event", interaction.Event);
            if (EntryTypes.IsFromBrowser(interaction.Type))
                json.WriteString("origin", "browser");
            if (Unconfirmed.Is(interaction.Type, interaction.Event))
                json.WriteBoolean("unconfirmed", true);
            Rendering.WriteTime(json, "time", interaction.TimeMs);
            json.WriteString("summary", interaction.Summary);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEmptyArray(Utf8JsonWriter json, string name)
    {
        json.WriteStartArray(name);
        json.WriteEndArray();
    }
}
