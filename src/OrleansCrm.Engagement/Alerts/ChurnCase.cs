using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>Why a customer is about to leave, in numbers as of the instant at which the risk crossed. Follows from the facts alone.</summary>
/// <param name="GapDays">Mean days between purchase days; 0 where there was only one.</param>
/// <param name="AliveBefore">Thirty days before, or right after the last purchase where that is nearer.</param>
/// <param name="ValueMicros">Revenue expected over the next twelve months.</param>
internal readonly record struct ChurnCase(
    long RaisedAtMs,
    AlertSeverity Severity,
    int Purchases,
    long SilentDays,
    double GapDays,
    double Alive,
    double AliveBefore,
    double Risk,
    long ValueMicros,
    string Currency)
{
    public static readonly Weeks ValueHorizon = Weeks.FromDays(365);

    private const long MonthMs = 30 * UtcDay.Ms;

    public static ChurnCase Of(CustomerState state, ProgramDocument program)
    {
        ref readonly var purchases = ref state.Purchases;
        var model = program.Churn.Model;
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
            ChurnInstants.RiskAt(purchases, program.Churn, raisedAtMs),
            valueMicros,
            value.Currency);
    }
}
