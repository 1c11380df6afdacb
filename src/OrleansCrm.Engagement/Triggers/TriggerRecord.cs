using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>What one customer was offered without asking, and what is offered now.</summary>
internal sealed class TriggerRecord
{
    /// <summary>By policy.</summary>
    public List<TriggerHistory> Histories { get; } = [];

    /// <summary>Null for nothing.</summary>
    public NextBestOffer? Best { get; set; }

    public TriggerHistory? Find(string policy) => Histories.Find(h => h.Policy == policy);

    public TriggerHistory Open(string policy)
    {
        var place = Histories.FindIndex(h => string.CompareOrdinal(h.Policy, policy) >= 0);
        if (place >= 0 && Histories[place].Policy == policy)
            return Histories[place];
        if (Histories.Count == Bounds.TriggerHistoriesMax)
        {
            // Programs come and go; whose cause is the oldest is asked for no more.
            Histories.Remove(Histories.MinBy(h => h.CauseMs)!);
            return Open(policy);
        }

        var history = new TriggerHistory(policy);
        Histories.Insert(place < 0 ? Histories.Count : place, history);
        return history;
    }

    /// <summary>
    /// Adds what was known of another id of the person. What that id has asked for and was not offered anything by then is asked for again: an
    /// answer that is still on its way finds an id that was given away, and counts for nothing there.
    /// </summary>
    public void Take(TriggerRecord given)
    {
        foreach (var other in given.Histories)
        {
            var history = Open(other.Policy);
            history.CauseMs = Math.Max(history.CauseMs, Math.Min(other.CauseMs, other.NewestMs));
            foreach (var timeMs in other.Times)
                history.Add(timeMs);
        }

        if (Best is null || given.Best is { } newer && newer.TimeMs > Best.TimeMs)
            Best = given.Best;
    }
}

internal sealed class TriggerHistory(string policy)
{
    public string Policy => policy;

    /// <summary>The newest cause that was answered: it and what came before are answered no more.</summary>
    public long CauseMs { get; set; }

    /// <summary>That cause is asked for again; null when it was answered, or the answer is on its way.</summary>
    public TriggerWait? Waits { get; set; }

    /// <summary>When something was offered: the newest, rising.</summary>
    public List<long> Times { get; } = [];

    /// <summary>When something was offered last; 0 for never.</summary>
    public long NewestMs => Times.Count == 0 ? 0 : Times[^1];

    public void Add(long timeMs)
    {
        var place = Times.Count;
        while (place > 0 && Times[place - 1] > timeMs)
            place--;
        Times.Insert(place, timeMs);
        if (Times.Count > Bounds.ExposuresMax)
            Times.RemoveAt(0);
    }
}

/// <summary>The offer that stands.</summary>
/// <param name="CauseMs">What it answers; it ends with that.</param>
/// <param name="UntilMs">Exclusive, in whole seconds.</param>
/// <param name="Coupon">The code that was made for it; empty for none.</param>
internal sealed record NextBestOffer(
    string Policy, long CauseMs, string DecisionId, string OfferId, string Kind, string Title, long ValueMicros, long TimeMs, long UntilMs, string Coupon);
