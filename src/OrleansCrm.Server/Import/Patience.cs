namespace OrleansCrm.Server.Import;

/// <summary>What came of one try.</summary>
/// <param name="IsDone">Else it is tried again after <paramref name="Pause"/>.</param>
internal readonly record struct Attempt<T>(bool IsDone, T Value, TimeSpan Pause)
{
    public static Attempt<T> Done(T value) => new(true, value, default);

    public static Attempt<T> Again(TimeSpan pause) => new(false, default!, pause);
}

/// <summary>Tries again what overload, a restart or a failover can hold up. Everything an import asks for may be repeated.</summary>
internal static class Patience
{
    /// <summary>A restart with a long replay is over by then.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(5);

    /// <summary>Pause where the other side names none.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(30);

    /// <exception cref="ImportException">Nothing came of it for <see cref="GiveUpAfter"/>.</exception>
    public static async Task<T> TryAsync<T>(Func<Task<Attempt<T>>> attempt, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var result = await attempt();
            if (result.IsDone)
                return result.Value;
            if (time.GetElapsedTime(started) > GiveUpAfter)
                throw new ImportException($"the engine has been away for {GiveUpAfter.TotalMinutes:0} minutes; run the import again to go on");
            await Task.Delay(result.Pause < PauseMax ? result.Pause : PauseMax, time, cancellation);
        }
    }
}
