using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Partitions;

/// <summary>A sender. One that does not wait for its answer, as a decision, is not given any: all of this is on the partition's scheduler.</summary>
/// <param name="mayBePutOff">It sends again what was not taken; else it is of this partition or another, and waits as long as it takes.</param>
internal sealed class PendingAppend(NewEntry[] entries, bool mayBePutOff = false)
{
    private TaskCompletionSource<AppendResponse>? _answer;
    private EntryVerdict[]? _verdicts;
    private long[]? _offsets;
    private List<CommandOutcome>? _outcomes;
    private int _open = entries.Length;
    private bool _isAbandoned;

    public NewEntry[] Entries => entries;

    public bool MayBePutOff => mayBePutOff;

    public Task<AppendResponse> Answer
    {
        get
        {
            if (_answer is not null)
                return _answer.Task;
            if (_isAbandoned || _open == 0)
                return Task.FromResult(_isAbandoned ? AppendResponse.Unavailable : Done());
            _answer = new TaskCompletionSource<AppendResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _answer.Task;
        }
    }

    public void Judge(int index, EntryVerdict verdict, long offset, CommandOutcome? outcome)
    {
        (_verdicts ??= new EntryVerdict[entries.Length])[index] = verdict;
        (_offsets ??= new long[entries.Length])[index] = offset;
        if (outcome is not null)
            (_outcomes ??= []).Add(outcome with { Index = index });
        if (--_open == 0)
            _answer?.TrySetResult(Done());
    }

    public void Abandon()
    {
        if (_open == 0)
            return;
        _isAbandoned = true;
        _answer?.TrySetResult(AppendResponse.Unavailable);
    }

    private AppendResponse Done() => new(AppendStatus.Done, 0, _verdicts ?? [], _offsets ?? [], _outcomes?.ToArray() ?? []);
}

/// <summary>An entry on its way through the pipeline, and everybody who waits for it.</summary>
internal sealed class EntryTicket(PendingAppend? sender, int index)
{
    private List<(PendingAppend Sender, int Index)>? _joined;

    /// <summary>Canonical key; empty for a partition-wide entry.</summary>
    public string Customer => Entry?.Customer ?? New.Customer;

    /// <summary>Set once it is numbered; a repeat never is.</summary>
    public Entry? Entry { get; set; }

    /// <summary>Where it stands; for a repeat, where the first one stands.</summary>
    public long Offset { get; set; } = -1;

    /// <summary>As its sender has given it; nobody sends one that is replayed.</summary>
    public NewEntry New => sender!.Entries[index];

    /// <summary>The customer's place; null for a partition-wide entry.</summary>
    public CustomerSlot? Slot { get; set; }

    /// <summary>Place of the customer's next entry in its batch; -1 for none.</summary>
    public int NextOfCustomer { get; set; } = -1;

    public EntryVerdict Verdict { get; set; } = EntryVerdict.Applied;

    public CommandOutcome? Outcome { get; set; }

    /// <summary>An entry that nobody waits for any more.</summary>
    public static EntryTicket Replay(Entry entry) => new(null, 0) { Entry = entry, Offset = entry.Offset };

    /// <summary>A repeat of an entry that has no answer yet gets that one's answer, and so does a publication that comes second to it.</summary>
    public void Join(PendingAppend other, int otherIndex) => (_joined ??= []).Add((other, otherIndex));

    public void Answer()
    {
        sender!.Judge(index, Verdict, Offset, Outcome);
        if (_joined is null)
            return;
        foreach (var (other, otherIndex) in _joined)
        {
            // A publication that came second to another one stands nowhere.
            var offset = other.Entries[otherIndex].MessageId == New.MessageId ? Offset : -1;
            other.Judge(otherIndex, Verdict == EntryVerdict.Applied ? EntryVerdict.Duplicate : Verdict, offset, Outcome);
        }
    }

    public void Abandon()
    {
        sender!.Abandon();
        _joined?.ForEach(j => j.Sender.Abandon());
    }

    /// <summary>Tells those who will send again to do so. The entry stays on its way.</summary>
    public void PutOff()
    {
        if (sender!.MayBePutOff)
            sender.Abandon();
        _joined?.FindAll(j => j.Sender.MayBePutOff).ForEach(j => j.Sender.Abandon());
    }
}
