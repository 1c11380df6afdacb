using OrleansCrm.Grains.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class SeenMessagesTests
{
    [Fact]
    public void What_was_added_is_never_called_new()
    {
        var seen = new SeenMessages(1_000_000);
        var ids = Enumerable.Range(0, 100_000).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var id in ids)
            seen.Add(id);

        Assert.All(ids, id => Assert.True(seen.MayContain(id)));
    }

    [Fact]
    public void Few_new_messages_have_to_be_compared_exactly()
    {
        var seen = new SeenMessages(1_000_000);
        for (var i = 0; i < 100_000; i++)
            seen.Add(Shop.Id("c", $"m{i}"));

        var doubtful = Enumerable.Range(100_000, 100_000).Count(i => seen.MayContain(Shop.Id("c", $"m{i}")));

        Assert.InRange(doubtful, 0, 400);
    }

    [Fact]
    public void Filter_takes_no_more_room_than_it_may_and_keeps_most_of_it()
    {
        var seen = new SeenMessages(200_000);
        for (var i = 0; i < 1_000_000; i++)
        {
            seen.Add(Guid.NewGuid());
            Assert.InRange(seen.Capacity, 0, 200_000);
        }

        Assert.InRange(seen.Capacity, 100_000, 200_000);
    }

    [Fact]
    public void Filter_that_had_to_forget_calls_nothing_new()
    {
        var seen = new SeenMessages(10_000);
        for (var i = 0; i < 50_000; i++)
            seen.Add(Guid.NewGuid());

        Assert.False(seen.IsComplete);
        Assert.True(seen.MayContain(Guid.NewGuid()));
    }
}
