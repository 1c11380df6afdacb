using System.Globalization;

namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>The buckets of one write key.</summary>
internal sealed class KeyBucket
{
    private readonly Rate _events;
    private readonly Rate _newCustomers;
    private long _eventsFullAt;
    private long _newCustomersFullAt;

    public KeyBucket(LimitOptions options, bool isBrowser)
    {
        _events = isBrowser
            ? new Rate(options.BrowserEventsPerSecond, options.BrowserEventsBurst)
            : new Rate(options.ServerEventsPerSecond, options.ServerEventsBurst);
        _newCustomers = new Rate(options.NewCustomersPerHour / 3600.0, options.NewCustomersPerHour);
        var window = Math.Max(1, Math.Ceiling(_events.BurstNanoseconds / Rate.NanosecondsPerSecond));
        Policy = string.Create(CultureInfo.InvariantCulture, $"\"key\";q={_events.Burst};w={window}");
    }

    /// <summary>Value of <c>RateLimit-Policy</c>: so many events in the seconds in which an empty bucket fills.</summary>
    public string Policy { get; }

    /// <summary>Counts a request's events.</summary>
    /// <returns>Zero when they may come in, else the whole seconds to wait; and the value of <c>RateLimit</c>.</returns>
    public (int RetryAfterSeconds, string RateLimit) Take(int events, long now)
    {
        var fullAt = Volatile.Read(ref _eventsFullAt);
        if (_events.IsSpent(fullAt, now))
            return (_events.SecondsUntilToken(fullAt, now), Describe(fullAt, now));
        return (0, Describe(_events.Take(ref _eventsFullAt, now, events), now));
    }

    /// <summary>Counts customers that were never seen before.</summary>
    /// <returns>Zero when they may come in, else the whole seconds to wait.</returns>
    public int TakeNewCustomers(int count, long now)
    {
        var fullAt = Volatile.Read(ref _newCustomersFullAt);
        if (_newCustomers.IsSpent(fullAt, now))
            return _newCustomers.SecondsUntilToken(fullAt, now);
        _newCustomers.Take(ref _newCustomersFullAt, now, count);
        return 0;
    }

    private string Describe(long fullAt, long now) =>
        string.Create(CultureInfo.InvariantCulture, $"\"key\";r={_events.Left(fullAt, now)};t={Rate.SecondsUntilFull(fullAt, now)}");
}
