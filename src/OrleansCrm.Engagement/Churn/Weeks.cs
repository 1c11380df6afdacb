namespace OrleansCrm.Engagement.Churn;

/// <summary>A span in weeks of exactly seven days: the unit of every purchase model here, so that days cannot slip in unseen.</summary>
public readonly record struct Weeks(double Count)
{
    private const double MillisecondsPerWeek = 604_800_000;

    public static Weeks FromMilliseconds(long milliseconds) => new(milliseconds / MillisecondsPerWeek);

    public static Weeks FromDays(double days) => new(days / 7);

    public double ToMilliseconds() => Count * MillisecondsPerWeek;
}
