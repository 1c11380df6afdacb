using System.Buffers;
using System.Text.Json;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Segments;
using OrleansCrm.Engagement.Tracking;

namespace OrleansCrm.Engagement.Program;

internal static class ProgramWriter
{
    public static byte[] Write(ProgramDocument document)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Rendering.Options))
            Write(json, document);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter json, ProgramDocument document)
    {
        json.WriteStartObject();
        json.WriteNumber("version", document.Version);
        json.WriteString("timeZone", document.TimeZone);
        json.WriteString("currency", document.Currency);
        json.WriteStartObject("rates");
        foreach (var rate in document.Rates)
            WriteMicros(json, rate.Currency, rate.RateMicros);
        json.WriteEndObject();

        json.WriteStartObject("lifecycle");
        json.WriteNumber("bondingDays", document.Lifecycle.BondingDays);
        json.WriteNumber("loyaltyPurchaseDays", document.Lifecycle.LoyaltyPurchaseDays);
        json.WriteNumber("advocacyRating", document.Lifecycle.AdvocacyRating);
        json.WriteNumber("advocacyNps", document.Lifecycle.AdvocacyNps);
        json.WriteNumber("onboardingDays", document.Lifecycle.OnboardingDays);
        json.WriteEndObject();

        WriteChurn(json, document.Churn);

        LoyaltySection.Write(json, document.Loyalty);

        json.WriteStartObject("alerts");
        json.WriteStartObject("churnRisk");
        WritePolicy(json, document.Alerts.ChurnRisk);
        json.WriteEndObject();
        PolicySection.Write(json, document.Alerts.Policies);
        document.Alerts.ControlGroup.Write(json);
        document.Alerts.Escalation.Write(json);
        RoutingRule.WriteAll(json, document.Alerts.Routing);
        DeskRules.WriteAll(json, document.Alerts.DeskRules);
        SkillRule.WriteAll(json, document.Alerts.Skills);
        AgentRule.WriteAll(json, document.Alerts.Agents);
        json.WriteEndObject();
        WriteConsent(json, document);
        SegmentSection.Write(json, document.Segments);
        document.Owners.Write(json);
        OfferSection.Write(json, document);
        TriggerSection.Write(json, document.Triggers);
        WriteTrackingPlan(json, document.TrackingPlan);
        json.WriteEndObject();
    }

    private static void WriteChurn(Utf8JsonWriter json, ChurnRules churn)
    {
        json.WriteStartObject("churn");
        json.WritePropertyName("model");
        ChurnModelSection.Write(json, churn.Model);
        ChurnModelSection.WriteSpend(json, churn.Spend);
        json.WriteNumber("horizonDays", churn.HorizonDays);
        json.WriteNumber("ordersMin", churn.OrdersMin);
        WriteThreshold(json, "atRisk", churn.AtRisk);
        WriteThreshold(json, "lost", churn.Lost);
        WriteCalibration(json, churn.Calibration);
        json.WriteStartArray("bySegment");
        foreach (var own in churn.BySegment)
        {
            json.WriteStartObject();
            json.WriteString("segment", own.Segment);
            json.WritePropertyName("model");
            ChurnModelSection.Write(json, own.Model);
            ChurnModelSection.WriteSpend(json, own.Spend);
            WriteCalibration(json, own.Calibration);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCalibration(Utf8JsonWriter json, RiskCalibration calibration)
    {
        json.WriteStartObject("calibration");
        json.WriteNumber("intercept", calibration.Intercept);
        json.WriteNumber("slope", calibration.Slope);
        json.WriteEndObject();
    }

    private static void WriteThreshold(Utf8JsonWriter json, string name, RiskThreshold threshold)
    {
        json.WriteStartObject(name);
        json.WriteNumber("floor", threshold.Floor);
        json.WriteNumber("share", threshold.Share);
        json.WriteEndObject();
    }

    public static void WritePolicy(Utf8JsonWriter json, AlertPolicy rules)
    {
        json.WriteBoolean("enabled", rules.Enabled);
        json.WriteString("desk", rules.Desk);
        json.WriteString("purpose", rules.Purpose);
        if (rules.When is null)
            json.WriteNull("when");
        else
            ConditionWriter.Write(json, "when", rules.When);
        json.WriteStartObject("valueFrom");
        WriteMicros(json, "medium", rules.ValueMicros.Medium);
        WriteMicros(json, "high", rules.ValueMicros.High);
        WriteMicros(json, "critical", rules.ValueMicros.Critical);
        json.WriteEndObject();
        WriteSteps(json, "dueMinutes", rules.DueMinutes);
        json.WriteStartArray("suggestedActions");
        foreach (var action in rules.SuggestedActions)
            WriteAction(json, action);
        json.WriteEndArray();
    }

    public static void WriteSteps(Utf8JsonWriter json, string name, SeveritySteps steps)
    {
        json.WriteStartObject(name);
        json.WriteNumber("low", steps.Low);
        json.WriteNumber("medium", steps.Medium);
        json.WriteNumber("high", steps.High);
        json.WriteNumber("critical", steps.Critical);
        json.WriteEndObject();
    }

    private static void WriteAction(Utf8JsonWriter json, SuggestedAction action)
    {
        if (action.Channel.Length == 0)
        {
            json.WriteStringValue(action.Text);
            return;
        }

        json.WriteStartObject();
        json.WriteString("text", action.Text);
        json.WriteString("purpose", action.Purpose);
        json.WriteString("channel", action.Channel);
        json.WriteEndObject();
    }

    private static void WriteConsent(Utf8JsonWriter json, ProgramDocument document)
    {
        json.WriteStartObject("consent");
        foreach (var purpose in document.Consent.GroupBy(rule => rule.Purpose, StringComparer.Ordinal))
        {
            json.WriteStartObject(purpose.Key);
            foreach (var rule in purpose)
                json.WriteBoolean(rule.Channel, rule.IsGranted);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteTrackingPlan(Utf8JsonWriter json, TrackingPlan plan)
    {
        json.WriteStartObject("trackingPlan");
        foreach (var rule in plan.Rules)
        {
            json.WriteStartObject(rule.Event);
            json.WriteString("mode", TrackingModes.Text(rule.Mode));
            json.WritePropertyName("schema");
            json.WriteRawValue(rule.Schema);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public static void WriteMicros(Utf8JsonWriter json, string name, long micros)
    {
        json.WritePropertyName(name);
        Rendering.WriteAmount(json, micros);
    }

    public static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
