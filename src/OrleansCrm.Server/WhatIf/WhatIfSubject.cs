using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Server.WhatIf;

/// <summary>One customer, played as it was and, from the first instant that counts, as it would have been.</summary>
/// <param name="wide">Publications of the customer's tenant in the partition, in order.</param>
internal sealed class WhatIfSubject(string key, Entry[] wide, Entry candidate, WhatIfRequest request)
{
    private Rehearsal _current = new(key);
    private Rehearsal? _candidate;
    private int _nextWide;

    public string Key => key;

    /// <summary>What happened from the first instant that counts on, by when.</summary>
    public List<(long TimeMs, string Text)> Current { get; } = [];

    public List<(long TimeMs, string Text)> Candidate { get; } = [];

    public string CurrentPhase => _current.Phase;

    public IReadOnlyList<string> CurrentSegments => _current.Segments;

    public IReadOnlyList<string> CandidateSegments => _candidate?.Segments ?? [];

    public string CandidatePhase => _candidate?.Phase ?? "";

    /// <summary>The candidate's rules lead somewhere that no state may be; nothing else of the customer counts.</summary>
    public bool HasFailed { get; private set; }

    public void Take(Entry entry)
    {
        if (HasFailed || entry.TimeMs >= request.ToMs)
            return;
        while (_nextWide < wide.Length && wide[_nextWide].Offset < entry.Offset)
            Publish(wide[_nextWide++], entry.TimeMs);
        if (entry.Type == EntryTypes.HistoryArchived)
        {
            _current = _current.BeginAt(ArchivedHistory.Read(entry.Payload));
            return;
        }

        if (_candidate is null && entry.TimeMs >= request.FromMs)
            Fork();
        Guard(() =>
        {
            _current.Take(entry, TellCurrent);
            _candidate?.Take(entry, TellCandidate);
        });
    }

    public void Finish()
    {
        if (HasFailed)
            return;
        while (_nextWide < wide.Length && wide[_nextWide].RecordedMs < request.ToMs)
            Publish(wide[_nextWide++], request.ToMs);
        if (_candidate is null)
            Fork();
        Guard(() =>
        {
            _current.LiveUntil(request.ToMs, TellCurrent);
            _candidate!.LiveUntil(request.ToMs, TellCandidate);
        });
    }

    // What was due before a program came is met under the one before; while a history is coming in, that is what was due before its next event.
    private void Publish(Entry publication, long untilMs)
    {
        var timeMs = Math.Min(publication.RecordedMs, untilMs);
        if (_candidate is null && timeMs >= request.FromMs)
            Fork();
        Guard(() =>
        {
            _current.LiveUntil(timeMs, TellCurrent);
            _current.Publish(publication, ProgramPublication.Parse(publication.Payload).Document, timeMs, TellCurrent);
        });
    }

    private void Fork() => Guard(() =>
    {
        // Both have met everything before; what is due from then on the rules decide.
        if (request.FromMs > 0)
            _current.LiveUntil(request.FromMs - 1, TellCurrent);
        _candidate = _current.Fork();
        _candidate.Publish(candidate, request.Candidate, request.FromMs, TellCandidate);
    });

    private void Guard(Action play)
    {
        try
        {
            play();
        }
        catch (Exception e) when (e is InvalidOperationException or StateBoundException or UnknownEntryTypeException)
        {
            HasFailed = true;
        }
    }

    private void TellCurrent(long timeMs, string text)
    {
        if (_candidate is not null)
            Current.Add((Math.Max(timeMs, request.FromMs), text));
    }

    private void TellCandidate(long timeMs, string text) => Candidate.Add((Math.Max(timeMs, request.FromMs), text));
}
