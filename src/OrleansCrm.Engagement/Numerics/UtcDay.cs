namespace OrleansCrm.Engagement.Numerics;

/// <summary>Days and whole seconds of Unix milliseconds; before 1970 too.</summary>
internal static class UtcDay
{
    public const long Ms = 86_400_000;

    public static long Of(long ms) => ms >= 0 ? ms / Ms : (ms - Ms + 1) / Ms;

    /// <summary>The same instant or the next whole second after it.</summary>
    public static long CeilingSecond(long ms) => -FloorTo(-ms, 1_000);

    public static long FloorSecond(long ms) => FloorTo(ms, 1_000);

    private static long FloorTo(long value, long step)
    {
        var rest = value % step;
        return rest < 0 ? value - rest - step : value - rest;
    }
}
