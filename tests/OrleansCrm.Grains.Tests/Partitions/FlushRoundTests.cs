using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class FlushRoundTests
{
    private readonly DirtyQueue _dirty = new();
    private readonly FlushRound _round = new();

    [Fact]
    public void Round_takes_whoever_is_dirty_in_the_order_of_the_key()
    {
        Enqueue("c", "a", "d", "b");
        _round.Begin(_dirty, now: 7);
        Enqueue("0");

        Assert.Equal(["a", "b", "c"], Take(3));
        Assert.False(_round.IsOver);
        Assert.Equal(["d"], Take(3));
        Assert.True(_round.IsOver);
        Assert.Equal(1, _dirty.Count);
    }

    [Fact]
    public void Oldest_entry_of_a_round_holds_the_checkpoint_until_the_round_is_over()
    {
        Enqueue("b", "a");
        _round.Begin(_dirty, now: 0);

        Take(1);
        Assert.Equal(0, _round.OldestOffset);
        Take(1);
        Assert.Equal(long.MaxValue, _round.OldestOffset);
    }

    [Fact]
    public void Chunks_keep_an_even_pace()
    {
        Enqueue("a", "b", "c", "d");
        _round.Begin(_dirty, now: 0);
        var spread = TimeSpan.FromSeconds(4);

        Assert.True(_round.IsDue(TimeSpan.Zero, spread));
        Take(2);
        Assert.False(_round.IsDue(TimeSpan.FromSeconds(1.9), spread));
        Assert.True(_round.IsDue(TimeSpan.FromSeconds(2), spread));
    }

    private void Enqueue(params string[] customers)
    {
        foreach (var customer in customers)
            _dirty.Enqueue(new CustomerSlot(customer), _dirty.Count);
    }

    private string[] Take(int max) => Array.ConvertAll(_round.Take(max), s => s.Customer);
}
