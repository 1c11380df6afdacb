namespace OrleansCrm.Engagement.Program;

/// <summary>The alert of kind <c>churn_risk</c>: the customer's silence has crossed the threshold of <see cref="ChurnRules"/>.</summary>
public sealed record ChurnAlertRules : AlertPolicy
{
    public const string Kind = "churn_risk";

    public ChurnAlertRules() => SuggestedActions =
    [
        new("Call to ask what is missing", "marketing", "phone"),
        new("Write to ask what is missing, with a personal voucher", "marketing", "email"),
        new("Check open tickets and late deliveries"),
        new("Have a personal offer ready for the next visit"),
    ];
}
