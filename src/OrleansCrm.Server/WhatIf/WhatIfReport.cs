using System.Globalization;
using System.Text.RegularExpressions;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Server.WhatIf;

/// <summary>What was counted on either side, and where the two differ.</summary>
internal sealed partial class WhatIfReport
{
    private const int ExamplesMax = 20;
    private const int ExamplesOfOneMax = 3;
    private const int NotesOfExampleMax = 10;
    private const long DayMs = 86_400_000;

    private readonly SortedDictionary<string, Pair> _outcomes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, DayNumbers> _days = [];
    private readonly SortedDictionary<string, Pair> _phases = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string From, string To), long> _moves = [];
    private readonly SortedDictionary<string, SegmentMoves> _segments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _shown = new(StringComparer.Ordinal);

    public long Customers { get; private set; }

    public long Entries { get; set; }

    /// <summary>Customers whom the candidate would bring to where no state may be; they are left out.</summary>
    public long Failed { get; private set; }

    /// <summary>Customers for whom anything would be otherwise.</summary>
    public long Changed { get; private set; }

    /// <summary>Each kind of outcome, points as their sum.</summary>
    public IReadOnlyDictionary<string, Pair> Outcomes => _outcomes;

    /// <summary>Customers by the phase that they end in.</summary>
    public IReadOnlyDictionary<string, Pair> Phases => _phases;

    /// <summary>Customers who end in another phase.</summary>
    public IReadOnlyDictionary<(string From, string To), long> Moves => _moves;

    /// <summary>The days on which anything differs.</summary>
    public IEnumerable<(string Day, DayNumbers Numbers)> Days =>
        _days.Where(d => d.Value.Differs)
            .Select(d => (DateTimeOffset.FromUnixTimeMilliseconds(d.Key * DayMs).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), d.Value));

    public List<WhatIfExample> Examples { get; } = [];

    /// <summary>Segments that have customers on either side.</summary>
    public IReadOnlyDictionary<string, SegmentMoves> Segments => _segments;

    public void Add(WhatIfSubject subject)
    {
        if (subject.HasFailed)
        {
            Failed++;
            return;
        }

        Customers++;
        var (current, candidate) = (Count(subject.Current, isCandidate: false), Count(subject.Candidate, isCandidate: true));
        Of(_phases, subject.CurrentPhase).Current++;
        Of(_phases, subject.CandidatePhase).Candidate++;
        if (subject.CurrentPhase != subject.CandidatePhase)
            _moves[(subject.CurrentPhase, subject.CandidatePhase)] = _moves.GetValueOrDefault((subject.CurrentPhase, subject.CandidatePhase)) + 1;
        CountSegments(subject);
        if (subject.Current.SequenceEqual(subject.Candidate))
            return;
        Changed++;
        Show(subject, [.. current.Keys.Union(candidate.Keys).Where(w => current.GetValueOrDefault(w) != candidate.GetValueOrDefault(w))]);
    }

    private void CountSegments(WhatIfSubject subject)
    {
        foreach (var name in subject.CurrentSegments.Union(subject.CandidateSegments, StringComparer.Ordinal))
        {
            if (!_segments.TryGetValue(name, out var moves))
                _segments.Add(name, moves = new SegmentMoves());
            moves.Add(IdOf(subject.Key), subject.CurrentSegments.Contains(name), subject.CandidateSegments.Contains(name));
        }
    }

    private Dictionary<string, long> Count(List<(long TimeMs, string Text)> notes, bool isCandidate)
    {
        var words = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (timeMs, text) in notes)
        {
            if (IsOfIdentity(text))
                continue;
            var (word, amount) = WordOf(text);
            words[word] = words.GetValueOrDefault(word) + amount;
            Of(_outcomes, word).Add(amount, isCandidate);
            if (!_days.TryGetValue(timeMs / DayMs, out var day))
                _days.Add(timeMs / DayMs, day = new DayNumbers());
            if (text.StartsWith("alert raised", StringComparison.Ordinal))
                day.AlertsRaised.Add(1, isCandidate);
            else if (text.StartsWith("alert withdrawn", StringComparison.Ordinal))
                day.AlertsWithdrawn.Add(1, isCandidate);
            else if (text.StartsWith("phase ", StringComparison.Ordinal))
                day.Phases.Add(1, isCandidate);
            else if (word is PointsGranted or PointsTaken)
                day.Points.Add(word == PointsGranted ? amount : -amount, isCandidate);
        }

        return words;
    }

    private const string PointsGranted = "points granted";
    private const string PointsTaken = "points taken back";

    private static (string Word, long Amount) WordOf(string text)
    {
        if (Points().Match(text) is { Success: true } points && long.TryParse(points.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var amount))
            return (points.Groups[1].ValueSpan is "+" ? PointsGranted : PointsTaken, amount);
        var colon = text.IndexOf(':');
        return (Digits().Replace(colon < 0 ? text : text[..colon], "#"), 1);
    }

    /// <summary>Who is who no program decides; and they name people.</summary>
    private static bool IsOfIdentity(string text) =>
        text.StartsWith("moved to", StringComparison.Ordinal) || text.StartsWith("linked", StringComparison.Ordinal)
        || text.StartsWith("not linked", StringComparison.Ordinal);

    private void Show(WhatIfSubject subject, string[] words)
    {
        if (Examples.Count >= ExamplesMax || (words.Length > 0 && !Array.Exists(words, w => _shown.GetValueOrDefault(w) < ExamplesOfOneMax)))
            return;
        foreach (var word in words)
            _shown[word] = _shown.GetValueOrDefault(word) + 1;
        var first = 0;
        while (first < subject.Current.Count && first < subject.Candidate.Count && subject.Current[first] == subject.Candidate[first])
            first++;
        Examples.Add(new WhatIfExample(
            IdOf(subject.Key),
            [.. subject.Current.Skip(first).Take(NotesOfExampleMax)],
            [.. subject.Candidate.Skip(first).Take(NotesOfExampleMax)]));
    }

    private static string IdOf(string customer)
    {
        var key = CustomerKey.Parse(customer);
        return (key.Kind == CustomerKind.User ? "user:" : "anonymous:") + key.Id;
    }

    private static Pair Of<TKey>(SortedDictionary<TKey, Pair> pairs, TKey key)
        where TKey : notnull
    {
        if (!pairs.TryGetValue(key, out var pair))
            pairs.Add(key, pair = new Pair());
        return pair;
    }

    [GeneratedRegex("^([+-])([0-9]+) points")]
    private static partial Regex Points();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}

/// <summary>A number as it was and as it would have been.</summary>
internal sealed class Pair
{
    public long Current { get; set; }

    public long Candidate { get; set; }

    public bool Differs => Current != Candidate;

    public void Add(long amount, bool isCandidate)
    {
        if (isCandidate)
            Candidate += amount;
        else
            Current += amount;
    }
}

/// <summary>One day, UTC.</summary>
internal sealed class DayNumbers
{
    public Pair AlertsRaised { get; } = new();

    public Pair AlertsWithdrawn { get; } = new();

    /// <summary>Granted less taken back.</summary>
    public Pair Points { get; } = new();

    /// <summary>Phases entered.</summary>
    public Pair Phases { get; } = new();

    public bool Differs => AlertsRaised.Differs || AlertsWithdrawn.Differs || Points.Differs || Phases.Differs;
}

/// <summary>A customer for whom it would be otherwise: what was and what would have been, from where the two part.</summary>
internal sealed record WhatIfExample(string Customer, (long TimeMs, string Text)[] Current, (long TimeMs, string Text)[] Candidate);
