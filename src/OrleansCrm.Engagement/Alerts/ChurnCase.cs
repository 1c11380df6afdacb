using System.Text.Json;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>Why a customer is about to leave, in numbers as of the instant at which the risk crossed.</summary>
/// <param name="GapDays">Mean days between purchase days; 0 where there was only one.</param>
/// <param name="AliveBefore">Thirty days before, or right after the last purchase where that is nearer.</param>
internal sealed record ChurnCase(
    long RaisedAtMs,
    AlertSeverity Severity,
    int Purchases,
    long SilentDays,
    double GapDays,
    double Alive,
    double AliveBefore,
    double Risk,
    long ValueMicros,
    string Currency) : AlertCase(RaisedAtMs, Severity, ValueMicros, Currency)
{
    public static readonly Weeks ValueHorizon = Weeks.FromDays(365);

    private const long MonthMs = 30 * UtcDay.Ms;

    public static ChurnCase Of(CustomerState state, ProgramDocument program)
    {
        ref readonly var purchases = ref state.Purchases;
        var rules = program.ChurnOf(state);
        var model = rules.Model;
        var history = purchases.History;
        var raisedAtMs = state.Churn.AtRiskMs;
        var value = CustomerValue.Of(state, program);
        var valueMicros = value.ExpectedMicros(state, program, raisedAtMs, ValueHorizon);
        return new ChurnCase(
            raisedAtMs,
            program.Alerts.ChurnRisk.SeverityOf(valueMicros),
            purchases.Purchases,
            (raisedAtMs - purchases.LastMs) / UtcDay.Ms,
            history.Repeats == 0 ? 0 : history.AgeAtLast.Count * 7 / history.Repeats,
            model.ProbabilityAlive(history, ChurnInstants.SilenceAt(purchases, raisedAtMs)),
            model.ProbabilityAlive(history, ChurnInstants.SilenceAt(purchases, raisedAtMs - MonthMs)),
            ChurnInstants.RiskAt(purchases, rules, raisedAtMs),
            valueMicros,
            value.Currency);
    }

    public override string TitleOf(string name) => Say($"{name} has been silent for {SilentDays} days and is about to leave");

    public override void WriteReasons(Utf8JsonWriter json)
    {
        if (GapDays > 0)
        {
            WriteReason(json, "silent_days", Say($"buys every {GapDays:0.#} days on average, silent for {SilentDays}"), SilentDays);
            WriteReason(json, "usual_gap_days", Say($"{GapDays:0.#} days between purchases on average"), Rounded(GapDays, 10));
        }
        else
        {
            WriteReason(json, "silent_days", Say($"silent for {SilentDays} days"), SilentDays);
        }

        WriteReason(
            json,
            "probability_alive",
            Say($"probability of still being a customer {Alive:0.00}, was {AliveBefore:0.00} a month before"),
            Rounded(Alive, 1e6));
        WriteReason(json, "probability_alive_before", Say($"{AliveBefore:0.00} a month before"), Rounded(AliveBefore, 1e6));
        WriteReason(json, "risk", Say($"probability of no purchase within the horizon {Risk:0.00}"), Rounded(Risk, 1e6));
        WriteValue(json);
        WriteReason(json, "orders", Say($"{Purchases} orders so far"), Purchases);
    }
}
