using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Trials;

namespace OrleansCrm.Engagement.Consent;

/// <summary>
/// What is left of a customer who was erased: totals that name nobody, so that a shop's revenue and its ledger still add up. The first fold
/// of the request takes them from the state; the request is then stored with them, because the entries they came from are blanked.
/// </summary>
public static class Tombstone
{
    private const string Remains = "remains";
    private const string Forfeited = "points.forfeited";

    /// <summary>Whether this is the key of a tombstone and not of a customer.</summary>
    public static bool IsKey(string customerKey) => CustomerKey.Parse(customerKey).Kind == CustomerKind.Erased;

    /// <summary>The request as it is stored for good, with what remains in it.</summary>
    public static byte[] PayloadOf(MetricSum[] remains) => Rendering.Object(json =>
    {
        json.WriteStartObject(Remains);
        foreach (var sum in remains)
            json.WriteNumber(sum.Metric, sum.Value);
        json.WriteEndObject();
    });

    /// <summary>What remains of points that were on their way between two who have both been erased.</summary>
    /// <param name="returned">Payload of <see cref="EntryTypes.PointsReturned"/>.</param>
    public static byte[] OfReturned(byte[] returned)
    {
        var points = Transfers.PointsOf(returned);
        return PayloadOf([new MetricSum(Forfeited, points), new MetricSum("points.in_transit", -points)]);
    }

    internal static void Apply(CustomerState state, ref FoldStep step)
    {
        var entry = step.Entry;
        state.Partition = entry.Partition;
        state.NewestMs = Math.Max(state.NewestMs, entry.TimeMs);
        state.Version++;
        if (state.Remains is not null)
            return; // nothing brings an erased customer back

        var open = ChurnAlerts.Unfinished(state);
        foreach (var alert in open)
            ChurnAlerts.Finish(state, alert, AlertStatus.Withdrawn);
        if (state.Triggers?.Best is not null)
            step.OfferChanged();
        state.Erase(Read(entry.Payload) ?? RemainsOf(state, step.Program));
        foreach (var alert in open)
            step.SendErased(state, alert);
    }

    /// <summary>Orders, revenue and points stay in the totals; what could still be spent is forfeited, so that nobody is owed it.</summary>
    private static MetricSum[] RemainsOf(CustomerState state, ProgramDocument program)
    {
        var remains = new List<MetricSum> { new("customers.erased", 1) };
        var forfeited = 0L;
        foreach (var sum in Contribution.Sums(state, program))
        {
            if (sum.Metric is "points.available" or "points.pending" or "points.held")
                forfeited += sum.Value;
            else if (sum.Metric is "events" or "orders" or "purchases" || Uplift.IsLasting(sum.Metric)
                || sum.Metric.StartsWith("points.", StringComparison.Ordinal) || sum.Metric.StartsWith("revenue:", StringComparison.Ordinal))
                remains.Add(sum);
        }

        if (forfeited != 0)
            remains.Add(new MetricSum(Forfeited, forfeited));
        remains.Sort((x, y) => string.CompareOrdinal(x.Metric, y.Metric));
        return [.. remains];
    }

    private static MetricSum[]? Read(byte[] payload)
    {
        using var parsed = JsonDocument.Parse(payload);
        return parsed.RootElement.TryGetProperty(Remains, out var remains) ? Read(remains) : null;
    }

    internal static MetricSum[] Read(JsonElement remains) =>
        [.. remains.EnumerateObject().Select(sum => new MetricSum(sum.Name, sum.Value.GetInt64()))];
}
