using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>What a churn alert was worked out from while it stood: the purchases, the model, the threshold and the instant it was crossed.</summary>
public sealed class AlertBasis
{
    private readonly PurchaseScan _purchases;
    private readonly ProgramDocument _program;
    private readonly long _raisedAtMs;

    private AlertBasis(PurchaseScan purchases, ProgramDocument program, long raisedAtMs)
    {
        _purchases = purchases;
        _program = program;
        _raisedAtMs = raisedAtMs;
    }

    /// <returns>Null when no alert of that id stands.</returns>
    public static AlertBasis? Of(CustomerState state, ProgramDocument program, AlertId id)
    {
        foreach (var alert in state.Alerts ?? [])
        {
            if (alert.Id == id && !alert.IsFinished)
                return new AlertBasis(state.Purchases, program, alert.Case.RaisedAtMs);
        }

        return null;
    }

    public void Write(Utf8JsonWriter json)
    {
        var rules = _program.Churn;
        var history = _purchases.History;
        var silence = ChurnInstants.SilenceAt(_purchases, _raisedAtMs);
        var atPurchase = rules.RiskOf(history, default);
        json.WriteStartObject();
        json.WriteNumber("programVersion", _program.Version);
        json.WritePropertyName("model");
        ChurnModelSection.Write(json, rules.Model);
        json.WriteNumber("horizonDays", rules.HorizonDays);
        json.WriteStartObject("calibration");
        json.WriteNumber("intercept", rules.Calibration.Intercept);
        json.WriteNumber("slope", rules.Calibration.Slope);
        json.WriteEndObject();
        json.WriteNumber("orders", _purchases.Purchases);
        json.WriteNumber("repeats", history.Repeats);
        Rendering.WriteTime(json, "firstPurchase", _purchases.FirstMs);
        Rendering.WriteTime(json, "lastPurchase", _purchases.LastMs);
        json.WriteNumber("ageAtLastWeeks", history.AgeAtLast.Count);
        json.WriteNumber("silenceWeeks", silence.Count);
        json.WriteNumber("probabilityAlive", rules.Model.ProbabilityAlive(history, silence));
        json.WriteNumber("modelRisk", rules.Model.HorizonRisk(history, silence, rules.Horizon));
        json.WriteNumber("risk", rules.RiskOf(history, silence));
        json.WriteNumber("riskAtPurchase", atPurchase);
        json.WriteNumber("threshold", rules.AtRisk.For(atPurchase));
        Rendering.WriteInstant(json, "crossedAt", ChurnInstants.Of(_purchases, rules).AtRiskMs);
        json.WriteNumber("expectedOrders", rules.Model.ExpectedOrders(history, silence, ChurnCase.ValueHorizon));
        json.WriteEndObject();
    }
}
