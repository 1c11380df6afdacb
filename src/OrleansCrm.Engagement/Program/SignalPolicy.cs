using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Program;

/// <summary>An alert that rises from a signal. Of the numbers those count that its signal looks at.</summary>
/// <param name="Kind">What the alert is called; 1 to 64 of a-z, 0-9, hyphen and underscore. One open alert per customer and kind.</param>
public sealed record SignalPolicy(string Kind, Signal Signal) : AlertPolicy
{
    /// <summary>The least severity; the value at risk may make it more.</summary>
    public string SeverityMin { get; init; } = "low";

    /// <summary>Customers of whom less is expected over twelve months raise none (millionths of the program's currency); 0 for everybody.</summary>
    public long ValueMinMicros { get; init; }

    /// <summary>Days after an alert was resolved within which no new one is raised; 0 to 365.</summary>
    public int CoolDownDays { get; init; } = 30;

    /// <summary>Days after which it is no use any more, and the alert withdraws itself; 1 to 365.</summary>
    public int ForDays { get; init; } = 30;

    /// <summary>Minutes that have to pass first: since the newest addition to the cart, the failed payment, the ticket; 0 to 43,200.</summary>
    public int AfterMinutes { get; init; }

    /// <summary>So many refunds, or failed payments; 1 to 20.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Days within which the refunds lie, or before the end of the tier; 1 to 365.</summary>
    public int WithinDays { get; init; } = 30;

    /// <summary>By what share basket or frequency have fallen; 0.05 to 0.95.</summary>
    public double Share { get; init; } = 0.4;

    /// <summary>The best of the bad answers: NPS 0 to 9, CSAT 1 to 4, CES 1 to 6, reviews 1 to 4; -1 to leave the kind out.</summary>
    public AnswerLimits BadUpTo { get; init; } = new(6, 2, 2, 2);

    internal static IReadOnlyList<SignalPolicy> Defaults { get; } =
    [
        // Of customers whose baskets scatter as usual (a coefficient of variation of 0.8) and whose mean has not changed, about one in fifty.
        new("basket_falling", Signal.BasketFalling)
        {
            ValueMinMicros = 100_000_000,
            CoolDownDays = 60,
            Share = 0.7,
            SuggestedActions = [new("Look at what is no longer bought"), new("Write with something to go with the usual order", "marketing", "email")],
        },
        new("cart_abandoned", Signal.CartAbandoned)
        {
            // A person's time is for who is worth it; the others a trigger can answer. Most carts are left: a million of them would bury the desk.
            ValueMinMicros = 250_000_000,
            AfterMinutes = 240,
            ForDays = 3,
            CoolDownDays = 7,
            SuggestedActions = [new("Write to ask whether something went wrong", "marketing", "email"), new("Check whether the products can be had")],
        },
        new("detractor", Signal.Feedback)
        {
            SeverityMin = "medium",
            SuggestedActions =
            [
                new("Read the answer and the newest order"),
                new("Call to make it right", "service", "phone"),
                new("Write to make it right", "service", "email"),
            ],
        },
        // Gaps five times as long: of customers who buy at random at an unchanged rate about one in fifty (F distribution, 6 and 6 to 10 degrees).
        new("frequency_falling", Signal.FrequencyFalling)
        {
            ValueMinMicros = 100_000_000,
            CoolDownDays = 60,
            Share = 0.8,
            SuggestedActions = [new("Look at the newest deliveries and tickets"), new("Write to ask what is missing", "marketing", "email")],
        },
        new("payment_failed", Signal.PaymentFailed)
        {
            ForDays = 3,
            CoolDownDays = 1,
            SuggestedActions = [new("Look at why the payment was refused"), new("Offer another way to pay", "service", "email")],
        },
        new("refund_spike", Signal.Refunds)
        {
            Count = 2,
            SuggestedActions = [new("Look for what was wrong with the orders"), new("Call to ask what was wrong", "service", "phone")],
        },
        new("ticket_unanswered", Signal.TicketUnanswered)
        {
            SeverityMin = "medium",
            AfterMinutes = 1_440,
            ForDays = 14,
            CoolDownDays = 0,
            SuggestedActions = [new("Answer the ticket")],
        },
        new("tier_downgrade", Signal.TierDowngrade)
        {
            WithinDays = 14,
            SuggestedActions = [new("Write how many points keep the tier", "service", "email")],
        },
        new("vip_at_risk", Signal.ChurnRisk)
        {
            SeverityMin = "high",
            ValueMinMicros = 1_000_000_000,
            SuggestedActions = [new("Have the account's own contact call", "service", "phone"), new("Have a personal offer ready for the next visit")],
        },
    ];

    internal override AlertSeverity SeverityOf(long valueMicros) =>
        (AlertSeverity)Math.Max((byte)base.SeverityOf(valueMicros), (byte)AlertWords.SeverityOf(SeverityMin));
}

/// <summary>Answers so bad or worse count as bad; -1 for never.</summary>
public sealed record AnswerLimits(int Nps, int Csat, int Ces, int Rating);
