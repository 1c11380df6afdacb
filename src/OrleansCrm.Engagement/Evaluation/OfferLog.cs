using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Personalization;

namespace OrleansCrm.Engagement.Evaluation;

/// <summary>
/// What a journal knows of offers that were drawn: each decision's first place, with the probability of every offer that might have stood
/// there, and whether an order followed. An order counts for the newest decision before it, within the window, once.
/// </summary>
/// <param name="tenant">Entries of others are passed over.</param>
public sealed class OfferLog(string tenant)
{
    private readonly string _prefix = tenant + "/";
    private readonly Dictionary<string, List<Drawn>> _drawn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(long TimeMs, ulong Key)>> _orders = new(StringComparer.Ordinal);
    private readonly HashSet<(string Customer, ulong Order)> _cancelled = [];
    private readonly Dictionary<string, string> _owners = new(StringComparer.Ordinal);

    /// <summary>Takes the next entry of a partition; partitions may come in any order.</summary>
    public void Add(Entry entry)
    {
        if (!entry.Customer.StartsWith(_prefix, StringComparison.Ordinal))
            return;
        switch (entry.Type)
        {
            case EntryTypes.DecisionMade:
                AddDecision(entry);
                break;
            case EntryTypes.Track:
                AddOrder(entry);
                break;
            case EntryTypes.IdentityClaim:
                _owners.TryAdd(entry.Customer, IdentityClaim.ClaimantOf(tenant, entry.Payload));
                break;
        }
    }

    /// <param name="attributionDays">How long after a decision an order may come.</param>
    /// <returns>By customer and time.</returns>
    public LoggedDecision[] Build(int attributionDays)
    {
        var drawn = ByOwner(_drawn);
        var orders = ByOwner(_orders);
        var cancelled = new HashSet<(string, ulong)>(_cancelled.Select(c => (OwnerOf(c.Customer), c.Order)));
        var built = new List<LoggedDecision>();
        foreach (var (customer, decisions) in drawn.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            var rewarded = new bool[decisions.Count];
            decisions.Sort((x, y) => x.TimeMs.CompareTo(y.TimeMs));
            var counted = new HashSet<ulong>();
            foreach (var (timeMs, key) in orders.GetValueOrDefault(customer, []).OrderBy(o => o.TimeMs))
            {
                if (cancelled.Contains((customer, key)) || !counted.Add(key))
                    continue;
                var place = decisions.FindLastIndex(d => d.TimeMs <= timeMs);
                if (place >= 0 && timeMs - decisions[place].TimeMs <= attributionDays * UtcDay.Ms)
                    rewarded[place] = true;
            }

            for (var i = 0; i < decisions.Count; i++)
                built.Add(new LoggedDecision(customer, decisions[i].Kind, decisions[i].Arms, decisions[i].Chosen, rewarded[i]));
        }

        return [.. built];
    }

    private void AddDecision(Entry entry)
    {
        using var parsed = JsonDocument.Parse(entry.Payload);
        if (!parsed.RootElement.TryGetProperty("shown", out var shown) || !parsed.RootElement.TryGetProperty("odds", out var odds))
            return;
        var arms = odds.EnumerateObject().Select(o => new LoggedArm(o.Name, o.Value[0].GetDouble(), o.Value[1].GetDouble(), o.Value[2].GetDouble())).ToArray();
        var chosen = Array.FindIndex(arms, arm => shown[0].ValueEquals(arm.Offer));
        if (chosen >= 0)
            Of(_drawn, entry.Customer).Add(new Drawn(entry.TimeMs, OfferBuckets.WordOf(shown[1].GetByte()), arms, chosen));
    }

    private void AddOrder(Entry entry)
    {
        var read = EventReader.Read(entry.Type, entry.Payload);
        if (read.OrderId.Length == 0 || read.Name is not (StorefrontEventName.OrderCompleted or StorefrontEventName.OrderCancelled))
            return;
        var key = EventReader.HashOf(read.OrderId, default);
        if (read.Name == StorefrontEventName.OrderCompleted)
            Of(_orders, entry.Customer).Add((entry.TimeMs, key));
        else
            _cancelled.Add((entry.Customer, key));
    }

    // An id is claimed once; a customer may be merged into another once more.
    private string OwnerOf(string customer)
    {
        for (var moves = 0; moves < 4 && _owners.TryGetValue(customer, out var owner); moves++)
            customer = owner;
        return customer;
    }

    private Dictionary<string, List<T>> ByOwner<T>(Dictionary<string, List<T>> byCustomer)
    {
        var byOwner = new Dictionary<string, List<T>>(StringComparer.Ordinal);
        foreach (var (customer, items) in byCustomer)
            Of(byOwner, OwnerOf(customer)).AddRange(items);
        return byOwner;
    }

    private static List<T> Of<T>(Dictionary<string, List<T>> byCustomer, string customer)
    {
        if (!byCustomer.TryGetValue(customer, out var items))
            byCustomer.Add(customer, items = []);
        return items;
    }

    private readonly record struct Drawn(long TimeMs, string Kind, LoggedArm[] Arms, int Chosen);
}

/// <param name="Kind">What kind of customer it was, in the words of <see cref="OfferPolicy.Kinds"/>.</param>
/// <param name="Arms">What might have been drawn.</param>
/// <param name="Chosen">Place of what was.</param>
/// <param name="HasOrder">Whether an order followed.</param>
public sealed record LoggedDecision(string Customer, string Kind, LoggedArm[] Arms, int Chosen, bool HasOrder);

/// <param name="Propensity">The probability with which it was drawn.</param>
/// <param name="Shown">How often it had been shown to such customers by then, what is old weighing less.</param>
/// <param name="Converted">How often an order had followed.</param>
public readonly record struct LoggedArm(string Offer, double Propensity, double Shown, double Converted);
