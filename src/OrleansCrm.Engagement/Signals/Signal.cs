namespace OrleansCrm.Engagement.Signals;

/// <summary>What can be read off a customer besides silence. Numbers are stored: they may only grow.</summary>
public enum Signal : byte
{
    /// <summary>The newest answer to a survey, or review, of some kind is a bad one.</summary>
    Feedback = 1,

    /// <summary>Several refunds within a window.</summary>
    Refunds = 2,

    /// <summary>Payments that failed, and no order since.</summary>
    PaymentFailed = 3,

    /// <summary>Something was put into the cart, and nothing has come of it.</summary>
    CartAbandoned = 4,

    /// <summary>A ticket that has been open for too long.</summary>
    TicketUnanswered = 5,

    /// <summary>The newest orders are worth less than those before.</summary>
    BasketFalling = 6,

    /// <summary>The newest orders lie further apart than those before.</summary>
    FrequencyFalling = 7,

    /// <summary>The tier ends soon if nothing is bought.</summary>
    TierDowngrade = 8,

    /// <summary>At risk of leaving, as <c>churn</c> in the program has it.</summary>
    ChurnRisk = 9,
}

public static class SignalWords
{
    private static readonly string[] Texts =
    [
        "", "feedback", "refunds", "payment_failed", "cart_abandoned", "ticket_unanswered", "basket_falling", "frequency_falling",
        "tier_downgrade", "churn_risk",
    ];

    public static IReadOnlyList<string> All { get; } = Texts[1..];

    public static string Of(Signal signal) => Texts[(int)signal];

    /// <returns>Null for a word that names none.</returns>
    public static Signal? Find(string word) => Array.IndexOf(Texts, word) is > 0 and var place ? (Signal)place : null;
}
