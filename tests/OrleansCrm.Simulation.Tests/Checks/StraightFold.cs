using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Simulation.Tests.Checks;

/// <summary>One customer folded from the first entry on, in one go: what every other way of getting there has to equal.</summary>
internal sealed class StraightFold
{
    private readonly FoldOutput _output = new();

    /// <summary>Instants for which a wake has been and that were not asked for again since, as a late entry can.</summary>
    private readonly HashSet<long> _met = [];

    private Dictionary<string, long>? _sums;

    private StraightFold(string customer) => State = CustomerState.Create(customer);

    public CustomerState State { get; }

    public int Partition { get; private init; }

    /// <summary>What the customer adds to the totals, by metric.</summary>
    public IReadOnlyDictionary<string, long> Sums => _sums ??= Contribution.Sums(State, Program).ToDictionary(s => s.Metric, s => s.Value);

    public ProgramDocument Program { get; private set; } = ProgramDocument.Default;

    /// <summary>What left the customer, in order.</summary>
    public List<Outgoing> Outgoing { get; } = [];

    /// <summary>Answers of commands by offset.</summary>
    public Dictionary<long, CommandOutcome> Outcomes { get; } = [];

    /// <summary>Entries that cannot be folded.</summary>
    public SortedSet<long> Faults { get; private set; } = [];

    /// <summary>Wakes for an instant that another one had met already.</summary>
    public List<long> NeedlessWakes { get; } = [];

    /// <summary>Entries after which the customer's accounts of points did not sum to zero.</summary>
    public List<long> Unbalanced { get; } = [];

    /// <param name="entries">The customer's own and the partition-wide ones that are folded, in offset order.</param>
    public static StraightFold Of(string customer, IEnumerable<Entry> entries, int partition = 0)
    {
        var all = entries.ToArray();
        var faults = new SortedSet<long>();
        while (true)
        {
            // A fold that throws leaves the state undefined: begin anew without the entry.
            var fold = new StraightFold(customer) { Faults = faults, Partition = partition };
            var thrown = Array.Find(all, e => !faults.Contains(e.Offset) && !fold.TryTake(e));
            if (thrown is null)
                return fold;
            faults.Add(thrown.Offset);
        }
    }

    private bool TryTake(Entry entry)
    {
        _output.Clear();
        if (entry.Type == EntryTypes.Wake && !_met.Add(entry.TimeMs))
            NeedlessWakes.Add(entry.Offset);
        try
        {
            if (entry.Type == EntryTypes.ProgramPublished)
            {
                var publication = ProgramPublication.Parse(entry.Payload);
                if (State.Key.StartsWith(publication.Tenant + "/", StringComparison.Ordinal))
                    Program = publication.Document;
            }

            CustomerFold.Apply(State, entry, Program, _output);
        }
        catch (Exception exception) when (exception is UnknownEntryTypeException or StateBoundException or InvalidOperationException)
        {
            return false;
        }

        if (Contribution.Sums(State, Program).Where(s => s.Metric.StartsWith("points.", StringComparison.Ordinal)).Sum(s => s.Value) != 0)
            Unbalanced.Add(entry.Offset);
        _met.Remove(State.NextWakeMs);
        Outgoing.AddRange(_output.Outgoing);
        if (_output.Command is { } command)
            Outcomes.Add(entry.Offset, command);
        return true;
    }
}
