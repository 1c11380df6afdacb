using OrleansCrm.Contracts.Entries;
using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class EntryMarksTests
{
    private readonly EntryMarks _marks = new();

    [Fact]
    public void Entries_of_customers_who_come_by_turns_stay_each_in_their_order()
    {
        var chains = new MarkChain[7];
        for (var offset = 0; offset < 5_000; offset++)
            _marks.Add(ref chains[offset % 7], offset, IdOf(offset));

        for (var i = 0; i < chains.Length; i++)
        {
            Assert.Equal(i, _marks.FirstOffset(chains[i]));
            Assert.Equal(Enumerable.Range(0, 5_000).Where(o => o % 7 == i).Select(o => (long)o), _marks.ToArray(chains[i]).Select(m => m.Offset));
            Assert.All(_marks.ToArray(chains[i]), mark => Assert.Equal(IdOf(mark.Offset), mark.MessageId));
        }

        Assert.Equal(707, _marks.Find(chains[0], IdOf(707)));
        Assert.Equal(-1, _marks.Find(chains[1], IdOf(707)));
    }

    [Fact]
    public void Outcomes_stay_with_the_entry_that_brought_them_about()
    {
        var chain = default(MarkChain);
        for (var offset = 1; offset <= 4; offset++)
            _marks.Add(ref chain, offset, IdOf(offset));
        _marks.Note(chain, [new(2, "first"), new(2, "second"), new(4, "third")]);

        var marks = _marks.ToArray(chain);
        Assert.Null(marks[0].Outcomes);
        Assert.Equal(["first", "second"], marks[1].Outcomes!);
        Assert.Null(marks[2].Outcomes);
        Assert.Equal(["third"], marks[3].Outcomes!);
    }

    [Fact]
    public void Places_of_a_chain_that_was_forgotten_are_taken_again_and_say_nothing_of_it()
    {
        var (gone, kept) = (default(MarkChain), default(MarkChain));
        for (var offset = 0; offset < 1_000; offset++)
        {
            _marks.Add(ref gone, offset, IdOf(offset));
            _marks.Note(gone, [new(offset, "gone")]);
        }

        _marks.Add(ref kept, 1_000, IdOf(1_000));
        _marks.Free(ref gone);
        Assert.True(gone.IsEmpty);
        Assert.Equal(1, _marks.Count);

        for (var offset = 1_001; offset < 2_500; offset++)
            _marks.Add(ref kept, offset, IdOf(offset));
        _marks.Note(kept, [new(1_500, "kept")]);
        var marks = _marks.ToArray(kept);
        Assert.Equal(Enumerable.Range(1_000, 1_500).Select(o => (long)o), marks.Select(m => m.Offset));
        Assert.Equal("kept", Assert.Single(Assert.Single(marks, m => m.Outcomes is not null).Outcomes!));

        _marks.Free(ref kept);
        _marks.Add(ref kept, 7, IdOf(7));
        Assert.Equal([new EntryMark(7, IdOf(7), null)], _marks.ToArray(kept));
    }

    [Fact]
    public void Two_chains_become_one_when_the_first_could_not_be_stored()
    {
        var (first, second, none) = (default(MarkChain), default(MarkChain), default(MarkChain));
        for (var offset = 0; offset < 6; offset++)
            _marks.Add(ref offset < 3 ? ref first : ref second, offset, IdOf(offset));

        var joined = _marks.Join(_marks.Join(none, _marks.Join(first, second)), none);
        _marks.Add(ref joined, 6, IdOf(6));

        Assert.Equal([0L, 1, 2, 3, 4, 5, 6], _marks.ToArray(joined).Select(m => m.Offset));
        _marks.Free(ref joined);
        Assert.Equal(0, _marks.Count);
    }

    private static Guid IdOf(long offset) => new(0, 0, 0, BitConverter.GetBytes(offset));
}
