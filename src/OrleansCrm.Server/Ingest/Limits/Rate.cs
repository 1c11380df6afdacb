namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>
/// The arithmetic of a token bucket that is one number: the instant at which it will be full again. Whoever finds a token left may take all
/// that it asks for and leave a debt; otherwise small requests would always get ahead of a large one, which would wait for ever.
/// </summary>
internal readonly struct Rate
{
    public const double NanosecondsPerSecond = 1e9;

    private readonly double _nanosecondsEach;

    public Rate(double perSecond, int burst)
    {
        _nanosecondsEach = NanosecondsPerSecond / perSecond;
        Burst = burst;
        BurstNanoseconds = (long)(burst * _nanosecondsEach);
    }

    public int Burst { get; }

    /// <summary>How long an empty bucket takes to fill.</summary>
    public long BurstNanoseconds { get; }

    /// <summary>Whether no whole token is left.</summary>
    public bool IsSpent(long fullAt, long now) => fullAt - now > BurstNanoseconds - _nanosecondsEach;

    /// <summary>Takes tokens, whether there are any or not.</summary>
    /// <returns>When it will be full again then.</returns>
    public long Take(ref long fullAt, long now, int count)
    {
        while (true)
        {
            var before = Volatile.Read(ref fullAt);
            var after = Math.Max(before, now) + (long)(count * _nanosecondsEach);
            if (Interlocked.CompareExchange(ref fullAt, after, before) == before)
                return after;
        }
    }

    public int Left(long fullAt, long now) => (int)Math.Clamp((BurstNanoseconds - (fullAt - now)) / _nanosecondsEach, 0, Burst);

    /// <summary>Whole seconds until there is a token again, at least one.</summary>
    public int SecondsUntilToken(long fullAt, long now) =>
        (int)Math.Clamp(Math.Ceiling((fullAt - now - BurstNanoseconds + _nanosecondsEach) / NanosecondsPerSecond), 1, int.MaxValue);

    public static long SecondsUntilFull(long fullAt, long now) => (long)Math.Max(0, Math.Ceiling((fullAt - now) / NanosecondsPerSecond));
}
