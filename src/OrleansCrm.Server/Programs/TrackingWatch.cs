using System.Diagnostics.Metrics;
using System.Globalization;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Tracking;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Programs;

/// <summary>Holds events against the tracking plan of their tenant, and remembers since the start of the process what did not fit where.</summary>
internal sealed class TrackingWatch(ProgramBoard board, IMeterFactory meters, TimeProvider time)
{
    public const string Code = "plan_violation";

    /// <summary>Places of one tenant that are told apart; what comes on top is counted in the metric alone.</summary>
    private const int PlacesMax = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<(string Event, string Field, string Detail), Place>> _tenants = new(StringComparer.Ordinal);
    private readonly Counter<long> _violations = meters.Create("OrleansCrm.Ingest.Tracking")
        .CreateCounter<long>("orleanscrm.ingest.plan_violations", "{event}", "Events that the tracking plan does not fit, by mode.");

    /// <summary>Null when no event of the tenant is looked at.</summary>
    public TrackingPlan? PlanOf(string tenant) => board.PlanOf(tenant);

    /// <summary>Why the event is refused, null when it is taken.</summary>
    /// <param name="item">An event that has been judged good in every other way.</param>
    /// <param name="warnings">Counts events that are taken although they do not fit.</param>
    public Rejection? Judge(TrackingPlan plan, string tenant, Envelope item, ref int warnings)
    {
        if (item.Type != EntryTypes.Track || plan.Find(item.Event.Span) is not { } rule || rule.Check(item.Properties.Span) is not { } violation)
            return null;
        Note(tenant, rule, violation);
        if (rule.Mode != TrackingMode.Warn)
            return new Rejection(item.Index, item.MessageId, Code, $"{violation.Field}: {violation.Detail}");
        warnings++;
        return null;
    }

    /// <summary>What did not fit, most frequent first; the id stays with the place.</summary>
    public (string Id, object Shown)[] ViolationsOf(string tenant)
    {
        lock (_gate)
        {
            return
            [
                .. _tenants.GetValueOrDefault(tenant, []).OrderByDescending(p => p.Value.Count).ThenBy(p => p.Key.Event, StringComparer.Ordinal)
                    .ThenBy(p => p.Key.Field, StringComparer.Ordinal).ThenBy(p => p.Key.Detail, StringComparer.Ordinal)
                    .Select(p => (p.Value.Id.ToString(CultureInfo.InvariantCulture), (object)new
                    {
                        @event = p.Key.Event,
                        field = p.Key.Field,
                        detail = p.Key.Detail,
                        warned = p.Value.Warned,
                        blocked = p.Value.Count - p.Value.Warned,
                        lastAt = p.Value.LastAt,
                    })),
            ];
        }
    }

    private void Note(string tenant, TrackingRule rule, TrackingViolation violation)
    {
        lock (_gate)
        {
            _violations.Add(1, new KeyValuePair<string, object?>("mode", rule.Mode == TrackingMode.Warn ? "warn" : "block"));
            if (!_tenants.TryGetValue(tenant, out var places))
                _tenants.Add(tenant, places = []);
            var key = (rule.Event, violation.Field, violation.Detail);
            if (!places.TryGetValue(key, out var place))
            {
                if (places.Count >= PlacesMax)
                    return;
                places.Add(key, place = new Place(places.Count));
            }

            place.Count++;
            place.Warned += rule.Mode == TrackingMode.Warn ? 1 : 0;
            place.LastAt = time.GetUtcNow().UtcDateTime;
        }
    }

    private sealed class Place(int id)
    {
        public int Id => id;

        public long Count { get; set; }

        public long Warned { get; set; }

        public DateTime LastAt { get; set; }
    }
}
