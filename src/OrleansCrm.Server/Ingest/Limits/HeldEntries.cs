namespace OrleansCrm.Server.Ingest.Limits;

/// <summary>
/// The events of customers that send too fast. When a request has nobody else's it is told to come later whole: that slows the one who is
/// too fast and loses nothing. Beside events of others they are refused one by one, and the quarantine keeps them: a shop's server would
/// otherwise send the whole batch again, and all of its customers would wait for one bot that goes on sending.
/// </summary>
/// <param name="now">As <see cref="IngestLimits.Now"/> tells it.</param>
internal struct HeldEntries(IngestLimits limits, IngestOrigin origin, long now)
{
    private List<IntakeEntry>? _entries;

    /// <returns>False when the entry may go in.</returns>
    public bool Take(in IntakeEntry entry)
    {
        if (!limits.IsOver(origin, entry.Entry.Customer, now))
            return false;
        (_entries ??= []).Add(entry);
        return true;
    }

    /// <param name="isNobodyElse">Whether there is nothing beside them, or nothing that may be taken alone.</param>
    /// <returns>Null when the others can be taken.</returns>
    public readonly IngestAnswer? RefuseWhole(bool isNobodyElse)
    {
        if (_entries is null || !isNobodyElse)
            return null;
        limits.Note(IngestLimits.OfCustomer, _entries.Count);
        var seconds = limits.SecondsUntilToken(_entries[0].Entry.Customer);
        return new IngestAnswer(IngestStatus.Limited, 0, 0, [], seconds) { Limit = IngestLimits.OfCustomer };
    }

    public readonly void Refuse(List<Rejection> rejected)
    {
        if (_entries is null)
            return;
        limits.Note(IngestLimits.OfCustomer, _entries.Count);
        foreach (var entry in _entries)
            rejected.Add(new Rejection(entry.Index, entry.MessageId, IngestLimits.OfCustomer, IngestLimits.Explain(IngestLimits.OfCustomer)));
    }
}
