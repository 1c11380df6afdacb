using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Orleans;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>Who may send how fast. What each limit refuses is counted by its name.</summary>
internal sealed class IngestLimits
{
    public const string OfKey = "rate_limited";
    public const string OfCustomer = "customer_rate_limited";
    public const string OfNewCustomers = "too_many_customers";

    /// <summary>Buckets kept; beyond it they are forgotten and begin full. More keys than that are not in use at once.</summary>
    private const int BucketsMax = 100_000;

    private readonly LimitOptions _options;
    private readonly TimeProvider _time;
    private readonly CustomerLimit? _customers;
    private readonly Newcomers _newcomers = new();
    private readonly ConcurrentDictionary<string, KeyBucket> _buckets = new(StringComparer.Ordinal);
    private readonly Counter<long> _limited;

    public IngestLimits(IngestOptions options, IMeterFactory meters, TimeProvider time)
    {
        _options = options.Limits;
        _time = time;
        if (_options.Enabled)
            _customers = new CustomerLimit(new Rate(_options.CustomerEventsPerSecond, _options.CustomerEventsBurst));
        _limited = meters.Create("OrleansCrm.Ingest.Limits").CreateCounter<long>("orleanscrm.ingest.limited", "{event}", "Events told to come later, or refused, by the limit that was met.");
    }

    /// <summary>Counts a request against its key and says so in the answer's headers.</summary>
    /// <returns>False when it was answered with 429.</returns>
    public async ValueTask<bool> AdmitAsync(HttpContext context, IngestOrigin origin, int events)
    {
        if (BucketOf(origin) is not { } bucket)
            return true;
        var (retryAfter, left) = bucket.Take(Math.Max(1, events), Now());
        context.Response.Headers["RateLimit-Policy"] = bucket.Policy;
        context.Response.Headers["RateLimit"] = left;
        if (retryAfter == 0)
            return true;
        Note(OfKey, events);
        await Problems.WriteAsync(context, 429, OfKey, Explain(OfKey), retryAfter);
        return false;
    }

    /// <summary>Whether the customer's events are to come later. Of histories none are.</summary>
    public bool IsOver(IngestOrigin origin, string customer, long now) => _customers is not null && !origin.IsImport && _customers.IsOver(customer, now);

    /// <summary>Counts what is taken in.</summary>
    public void Count(IngestOrigin origin, List<IntakeEntry>[] parts)
    {
        if (_customers is null || origin.IsImport)
            return;
        var now = Now();
        foreach (var part in parts)
        {
            foreach (var entry in part)
                _customers.Count(entry.Entry.Customer, now);
        }
    }

    /// <summary>Counts an event that the customer brings in himself, with no key.</summary>
    /// <returns>0, or the whole seconds until one is taken again.</returns>
    public int TakeOne(string customer)
    {
        if (_customers is null)
            return 0;
        var now = Now();
        if (_customers.IsOver(customer, now))
        {
            Note(OfCustomer, 1);
            return _customers.SecondsUntilToken(customer, now);
        }

        _customers.Count(customer, now);
        return 0;
    }

    /// <summary>Whole seconds until the customer's next event is taken, at least one.</summary>
    public int SecondsUntilToken(string customer) => _customers?.SecondsUntilToken(customer, Now()) ?? 1;

    /// <summary>Whether customers that nobody has seen are counted.</summary>
    public bool CountsNewCustomers(IngestOrigin origin) => _options.Enabled && origin is { IsBrowser: true, KeyId: not null };

    /// <summary>
    /// Counts the customers that the browser's key brings in for the first time. Met, it tells the request to come later: each browser sends
    /// for its own visitor, and his first click comes in when the flood is over.
    /// </summary>
    /// <returns>Null when all may come in.</returns>
    public async Task<IngestAnswer?> FindNewcomersAsync(IngestOrigin origin, IGrainFactory grains, List<IntakeEntry>[] parts, int partitions)
    {
        var count = await _newcomers.CountAsync(grains, parts, partitions);
        if (count is null)
            return new IngestAnswer(IngestStatus.Unavailable, 0, 0, [], 1);
        if (count > 0 && BucketOf(origin)?.TakeNewCustomers(count.Value, Now()) is { } seconds and > 0)
        {
            Note(OfNewCustomers, count.Value);
            return new IngestAnswer(IngestStatus.Limited, 0, 0, [], seconds) { Limit = OfNewCustomers };
        }

        _newcomers.Meet(parts);
        return null;
    }

    /// <summary>For the sender.</summary>
    public static string Explain(string limit) => limit switch
    {
        OfCustomer => "This customer sends more events than a person can; come back later.",
        OfNewCustomers => "This browser key has brought in more new customers than it may; come back later.",
        _ => "This write key has sent more than it may; come back later.",
    };

    public long Now() => (long)(_time.GetTimestamp() * (Rate.NanosecondsPerSecond / _time.TimestampFrequency));

    public void Note(string limit, int events) => _limited.Add(events, new KeyValuePair<string, object?>("limit", limit));

    private KeyBucket? BucketOf(IngestOrigin origin)
    {
        if (!_options.Enabled || origin.KeyId is not { } key)
            return null;
        if (_buckets.TryGetValue(key, out var bucket))
            return bucket;
        if (_buckets.Count >= BucketsMax)
            _buckets.Clear();
        return _buckets.GetOrAdd(key, _ => new KeyBucket(_options, origin.IsBrowser));
    }
}
