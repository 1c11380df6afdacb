namespace OrleansCrm.Breaking.Tests;

/// <summary>What a run has done and found.</summary>
internal sealed class Tally
{
    private const int MismatchesShown = 20;

    public long AcknowledgedRequests;
    public long AcknowledgedEvents;
    public long PutOff;
    public long Repeats;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, int> _dangers = new(StringComparer.Ordinal);
    private readonly List<string> _mismatches = [];

    /// <summary>SIGKILLs of a server.</summary>
    public int Kills { get; private set; }

    /// <summary>Those that left a request without an answer.</summary>
    public int KillsUnanswered { get; private set; }

    public int Reckonings { get; set; }

    public int Verified { get; set; }

    public int Alerts { get; set; }

    /// <summary>Made without being asked, out of what can run out.</summary>
    public int Offers { get; set; }

    public int Databases { get; set; }

    public IReadOnlyList<string> Mismatches => _mismatches;

    public void Kill(bool leftUnanswered)
    {
        Kills++;
        if (leftUnanswered)
            KillsUnanswered++;
    }

    public void Danger(string name) => _dangers[name] = _dangers.GetValueOrDefault(name) + 1;

    public void Mismatch(string what)
    {
        lock (_lock)
        {
            if (_mismatches.Count < MismatchesShown)
                _mismatches.Add(what);
        }
    }

    public override string ToString() =>
        FormattableString.Invariant(
            $"""
            {Kills} kills, {KillsUnanswered} of them with a request unanswered, over {Databases} databases
            {AcknowledgedEvents} events acknowledged in {AcknowledgedRequests} requests, {Repeats} sent again after that, {PutOff} put off
            {Reckonings} reckonings of every customer, {Alerts} alerts, {Offers} offers, {Verified} times verified, {_mismatches.Count} mismatches
            {string.Join(", ", _dangers.Select(d => $"{d.Key} {d.Value}"))}
            """);
}
