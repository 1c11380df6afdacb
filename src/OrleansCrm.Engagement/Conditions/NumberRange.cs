namespace OrleansCrm.Engagement.Conditions;

/// <summary>Numbers from <paramref name="From"/> on and below <paramref name="Below"/>: every comparison is one of these.</summary>
internal readonly record struct NumberRange(double From, double Below)
{
    public static NumberRange Of(ConditionOperator comparison, double number) => comparison switch
    {
        ConditionOperator.AtLeast => new(number, double.PositiveInfinity),
        ConditionOperator.Above => new(Math.BitIncrement(number), double.PositiveInfinity),
        ConditionOperator.AtMost => new(double.NegativeInfinity, Math.BitIncrement(number)),
        ConditionOperator.Below => new(double.NegativeInfinity, number),
        _ => new(number, Math.BitIncrement(number)),
    };

    public bool Has(double value) => value >= From && value < Below;
}

/// <summary>How a field is compared.</summary>
public enum ConditionOperator : byte
{
    Is,
    IsNot,
    In,
    AtLeast,
    AtMost,
    Above,
    Below,
    Exists,
}

internal static class ConditionOperators
{
    public static readonly string[] Words = ["is", "isNot", "in", "atLeast", "atMost", "above", "below", "exists"];

    public static string Of(ConditionOperator comparison) => Words[(int)comparison];
}
