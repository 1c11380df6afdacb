namespace OrleansCrm.Engagement.Churn;

public enum CrossingKind : byte
{
    /// <summary>The value is already there right after the purchase.</summary>
    Now = 0,
    At = 1,

    /// <summary>No silence brings the value there.</summary>
    Never = 2,
}

/// <summary>When a value that moves with silence alone reaches a threshold.</summary>
/// <param name="Silence">Counted from the last purchase; meaningful for <see cref="CrossingKind.At"/>.</param>
public readonly record struct Crossing(CrossingKind Kind, Weeks Silence)
{
    public static readonly Crossing Now = new(CrossingKind.Now, default);
    public static readonly Crossing Never = new(CrossingKind.Never, default);

    public static Crossing At(double weeks) => new(CrossingKind.At, new Weeks(weeks));
}
