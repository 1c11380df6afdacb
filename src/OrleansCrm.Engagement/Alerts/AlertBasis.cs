using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>What an alert was worked out from while it stood, read off the facts once more.</summary>
public abstract class AlertBasis
{
    /// <returns>Null when no alert of that id stands.</returns>
    public static AlertBasis? Of(CustomerState state, ProgramDocument program, AlertId id)
    {
        foreach (var alert in state.Alerts ?? [])
        {
            if (alert.Id != id || alert.IsFinished)
                continue;
            return alert.Kind == ChurnAlertRules.Kind ? new ChurnBasis(state, program, alert.Case.RaisedAtMs)
                : program.Alerts.PolicyOf(alert.Kind) is { } policy ? new SignalBasis(state, program, policy)
                : null;
        }

        return null;
    }

    public abstract void Write(Utf8JsonWriter json);
}

/// <summary>A signal, what its policy asks of it, and what it says.</summary>
internal sealed class SignalBasis(CustomerState state, ProgramDocument program, SignalPolicy policy) : AlertBasis
{
    private readonly SignalReading _reading = SignalReader.Read(state, program, policy);
    private readonly long _readAtMs = state.NewestMs;

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("programVersion", program.Version);
        json.WriteString("signal", SignalWords.Of(policy.Signal));
        json.WriteStartObject("policy");
        PolicySection.WriteFields(json, policy);
        json.WriteEndObject();
        Rendering.WriteTime(json, "readAt", _readAtMs);
        json.WriteBoolean("holds", _reading.Holds);
        Rendering.WriteInstant(json, "since", _reading.SinceMs);
        Rendering.WriteInstant(json, "cause", _reading.CauseMs);
        Rendering.WriteInstant(json, "until", _reading.NextMs);
        json.WriteNumber("count", _reading.Count);
        json.WriteNumber("amount", _reading.Amount);
        json.WriteNumber("before", _reading.Before);
        json.WriteEndObject();
    }
}

/// <summary>The purchases, the model, the threshold and the instant it was crossed.</summary>
internal sealed class ChurnBasis(CustomerState state, ProgramDocument program, long raisedAtMs) : AlertBasis
{
    private readonly PurchaseScan _purchases = state.Purchases;
    private readonly ChurnRules _rules = program.ChurnOf(state);
    private readonly string? _segment = program.ChurnSegmentOf(state);

    public override void Write(Utf8JsonWriter json)
    {
        var (rules, purchases) = (_rules, _purchases);
        var history = purchases.History;
        var silence = ChurnInstants.SilenceAt(purchases, raisedAtMs);
        var atPurchase = rules.RiskOf(history, default);
        json.WriteStartObject();
        json.WriteNumber("programVersion", program.Version);
        json.WritePropertyName("model");
        ChurnModelSection.Write(json, rules.Model);
        if (_segment is not null)
            json.WriteString("segment", _segment);
        json.WriteNumber("horizonDays", rules.HorizonDays);
        json.WriteStartObject("calibration");
        json.WriteNumber("intercept", rules.Calibration.Intercept);
        json.WriteNumber("slope", rules.Calibration.Slope);
        json.WriteEndObject();
        json.WriteNumber("orders", purchases.Purchases);
        json.WriteNumber("repeats", history.Repeats);
        Rendering.WriteTime(json, "firstPurchase", purchases.FirstMs);
        Rendering.WriteTime(json, "lastPurchase", purchases.LastMs);
        json.WriteNumber("ageAtLastWeeks", history.AgeAtLast.Count);
        json.WriteNumber("silenceWeeks", silence.Count);
        json.WriteNumber("probabilityAlive", rules.Model.ProbabilityAlive(history, silence));
        json.WriteNumber("modelRisk", rules.Model.HorizonRisk(history, silence, rules.Horizon));
        json.WriteNumber("risk", rules.RiskOf(history, silence));
        json.WriteNumber("riskAtPurchase", atPurchase);
        json.WriteNumber("threshold", rules.AtRisk.For(atPurchase));
        Rendering.WriteInstant(json, "crossedAt", ChurnInstants.Of(purchases, rules).AtRiskMs);
        json.WriteNumber("expectedOrders", rules.Model.ExpectedOrders(history, silence, ChurnCase.ValueHorizon));
        json.WriteEndObject();
    }
}
