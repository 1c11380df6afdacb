using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Alerts;

/// <summary>What a signal said when it began to hold, in numbers; see <see cref="SignalReading"/>.</summary>
internal sealed record SignalCase(
    long RaisedAtMs,
    AlertSeverity Severity,
    Signal Signal,
    long CauseMs,
    int Count,
    double Amount,
    double Before,
    string Word,
    long ValueMicros,
    string Currency) : AlertCase(RaisedAtMs, Severity, ValueMicros, Currency)
{
    public static SignalCase Of(CustomerState state, ProgramDocument program, SignalPolicy policy, in SignalReading reading)
    {
        var value = CustomerValue.Of(state, program);
        var valueMicros = value.ExpectedMicros(state, program, reading.SinceMs, ChurnCase.ValueHorizon);
        return new SignalCase(
            reading.SinceMs, policy.SeverityOf(valueMicros), policy.Signal, reading.CauseMs, reading.Count, reading.Amount, reading.Before,
            reading.Word, valueMicros, value.Currency);
    }

    public override string TitleOf(string name) => name + " " + Signal switch
    {
        Signal.Feedback => Say($"answered {Amount:0} to {Survey}"),
        Signal.Refunds => Say($"had {Count} refunds in a row"),
        Signal.PaymentFailed => Count == 1 ? "could not pay" : Say($"could not pay, {Count} times"),
        Signal.CartAbandoned => "has left a cart",
        Signal.TicketUnanswered => Count == 1 ? Say($"has waited for an answer for {Amount:0.#} hours") : Say($"has {Count} tickets without an answer"),
        Signal.BasketFalling => Say($"buys for {Percent}% less than before"),
        Signal.FrequencyFalling => Say($"buys {Percent}% less often than before"),
        Signal.TierDowngrade => Say($"is about to lose the tier {Word}"),
        _ => "is worth a lot and about to leave",
    };

    public override void WriteReasons(Utf8JsonWriter json)
    {
        switch (Signal)
        {
            case Signal.Feedback:
                WriteReason(json, Word + "_score", Say($"answered {Amount:0} to {Survey}"), Amount);
                break;
            case Signal.Refunds:
                WriteReason(json, "refunds", Say($"{Count} refunds within {Amount:0} days"), Count);
                WriteReason(json, "refund_days", Say($"{Amount:0} days from the first to the newest"), Amount);
                break;
            case Signal.PaymentFailed:
                WriteReason(json, "failed_payments", Count == 1 ? "a payment failed and no order followed" : Say($"{Count} payments failed and no order followed"), Count);
                break;
            case Signal.CartAbandoned:
                WriteReason(json, "cart_idle_hours", Say($"nothing has come of the cart for {Amount:0.#} hours"), Rounded(Amount, 10));
                break;
            case Signal.TicketUnanswered:
                WriteReason(json, "open_tickets", Count == 1 ? "a ticket is open" : Say($"{Count} tickets are open"), Count);
                WriteReason(json, "open_hours", Say($"for {Amount:0.#} hours and more"), Rounded(Amount, 10));
                break;
            case Signal.BasketFalling:
                WriteReason(json, "average_order", Say($"{Word} {Amount:0.00} an order lately, was {Before:0.00}"), Rounded(Amount, 100));
                WriteReason(json, "average_order_before", Say($"{Word} {Before:0.00} an order before"), Rounded(Before, 100));
                break;
            case Signal.FrequencyFalling:
                WriteReason(json, "gap_days", Say($"buys every {Amount:0.#} days lately, was every {Before:0.#}"), Rounded(Amount, 10));
                WriteReason(json, "gap_days_before", Say($"every {Before:0.#} days before"), Rounded(Before, 10));
                break;
            case Signal.TierDowngrade:
                WriteReason(json, "tier_points", Say($"{Amount:0} points hold the tier {Word} until {Rendering.Instant((long)Before)[..10]}"), Amount);
                break;
            default:
                WriteReason(json, "risk", Say($"probability of no purchase within the horizon {Amount:0.00}"), Rounded(Amount, 1e6));
                WriteReason(json, "silent_days", Say($"silent for {(RaisedAtMs - CauseMs) / UtcDay.Ms} days"), (RaisedAtMs - CauseMs) / UtcDay.Ms);
                break;
        }

        WriteValue(json);
    }

    private string Survey => Word == "review" ? "a review" : Word.ToUpperInvariant();

    private int Percent => Before <= 0 || Amount <= 0 ? 0
        : (int)Math.Floor(100 * (1 - (Signal == Signal.FrequencyFalling ? Before / Amount : Amount / Before)) + 0.5);
}
