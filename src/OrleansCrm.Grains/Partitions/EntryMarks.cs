using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Entries of the partition's customers that no stored snapshot covers, as their strands will name them. They stand in pages and not in a
/// list of each customer: whatever lives long and points to something new is looked through by every collection of garbage, and here that
/// would be all customers who are in the shop.
/// </summary>
internal sealed class EntryMarks
{
    // Places count from 1, so that what was never set means none.
    private readonly Pages<Mark> _marks = new();
    private readonly Pages<Outcome> _outcomes = new();
    private int _freeMark;
    private int _freeOutcome;

    /// <summary>Marks in all chains.</summary>
    public int Count { get; private set; }

    /// <summary>Appends a mark.</summary>
    public void Add(ref MarkChain chain, long offset, Guid messageId)
    {
        var place = _freeMark;
        if (place > 0)
            _freeMark = _marks[place].Before;
        else
            place = _marks.Take();
        _marks[place] = new Mark(offset, messageId, chain.Last, 0);
        chain = new MarkChain(chain.IsEmpty ? place : chain.First, place, chain.Count + 1);
        Count++;
    }

    /// <summary>Where the first one of a chain that is not empty stands.</summary>
    public long FirstOffset(in MarkChain chain) => _marks[chain.First].Offset;

    /// <summary>Where this message stands; -1 when it is not in the chain.</summary>
    public long Find(in MarkChain chain, Guid messageId)
    {
        for (var place = chain.Last; place > 0; place = _marks[place].Before)
        {
            if (_marks[place].MessageId == messageId)
                return _marks[place].Offset;
        }

        return -1;
    }

    public EntryMark[] ToArray(in MarkChain chain)
    {
        var marks = new EntryMark[chain.Count];
        var at = marks.Length;
        for (var place = chain.Last; place > 0; place = _marks[place].Before)
            marks[--at] = new EntryMark(_marks[place].Offset, _marks[place].MessageId, OutcomesAt(_marks[place].Outcomes));
        return marks;
    }

    /// <summary>Both as one chain; neither is to be used any more.</summary>
    public MarkChain Join(in MarkChain first, in MarkChain second)
    {
        if (first.IsEmpty || second.IsEmpty)
            return first.IsEmpty ? second : first;
        _marks[second.First].Before = first.Last;
        return new MarkChain(first.First, second.Last, first.Count + second.Count);
    }

    /// <summary>Keeps what entries of the chain brought about.</summary>
    /// <param name="notes">By offset, as the chain is.</param>
    public void Note(in MarkChain chain, ReadOnlySpan<TimelineNote> notes)
    {
        for (var place = chain.Last; place > 0 && notes.Length > 0; place = _marks[place].Before)
        {
            ref var mark = ref _marks[place];
            if (notes[^1].Offset != mark.Offset)
                continue;
            FreeOutcomes(mark.Outcomes);
            for (mark.Outcomes = 0; notes.Length > 0 && notes[^1].Offset == mark.Offset; notes = notes[..^1])
                mark.Outcomes = AddOutcome(notes[^1].Text, mark.Outcomes);
        }
    }

    /// <summary>Forgets a chain.</summary>
    public void Free(ref MarkChain chain)
    {
        for (var place = chain.Last; place > 0;)
        {
            ref var mark = ref _marks[place];
            FreeOutcomes(mark.Outcomes);
            var before = mark.Before;
            mark.Before = _freeMark;
            _freeMark = place;
            place = before;
        }

        Count -= chain.Count;
        chain = default;

        // Room for a burst is given back with its last entry.
        if (Count == 0 && (_marks.IsLarge || _outcomes.IsLarge))
        {
            (_freeMark, _freeOutcome) = (0, 0);
            _marks.Clear();
            _outcomes.Clear();
        }
    }

    private int AddOutcome(string text, int next)
    {
        var place = _freeOutcome;
        if (place > 0)
            _freeOutcome = _outcomes[place].Next;
        else
            place = _outcomes.Take();
        _outcomes[place] = new Outcome(text, next);
        return place;
    }

    private void FreeOutcomes(int first)
    {
        for (var place = first; place > 0;)
        {
            var next = _outcomes[place].Next;
            _outcomes[place] = new Outcome("", _freeOutcome);
            _freeOutcome = place;
            place = next;
        }
    }

    private string[]? OutcomesAt(int first)
    {
        if (first == 0)
            return null;
        var count = 0;
        for (var place = first; place > 0; place = _outcomes[place].Next)
            count++;
        var outcomes = new string[count];
        for (var (place, at) = (first, 0); place > 0; place = _outcomes[place].Next)
            outcomes[at++] = _outcomes[place].Text;
        return outcomes;
    }

    /// <param name="before">The one before it in its chain, or the next free place; 0 for none.</param>
    /// <param name="outcomes">The first outcome of what it brought about; 0 for nothing.</param>
    private struct Mark(long offset, Guid messageId, int before, int outcomes)
    {
        public readonly long Offset = offset;
        public readonly Guid MessageId = messageId;
        public int Before = before;
        public int Outcomes = outcomes;
    }

    private readonly record struct Outcome(string Text, int Next);
}

/// <summary>Entries of one customer, in order.</summary>
/// <param name="First">Place among the partition's <see cref="EntryMarks"/>; 0 for none.</param>
internal readonly record struct MarkChain(int First, int Last, int Count)
{
    public bool IsEmpty => Count == 0;
}

/// <summary>An entry that no snapshot covers, as its strand will name it.</summary>
/// <param name="Outcomes">What it brought about; null for nothing.</param>
internal readonly record struct EntryMark(long Offset, Guid MessageId, string[]? Outcomes);
