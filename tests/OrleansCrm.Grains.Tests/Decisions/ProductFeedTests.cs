using OrleansCrm.Contracts.Entries;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Grains.Tests.Decisions;

public sealed class ProductFeedTests
{
    [Fact]
    public void Largest_commit_is_passed_on_and_what_comes_before_it_is_read_is_missed()
    {
        var feed = new ProductFeed();
        var commit = new Entry[new PartitionOptions().CommitEntriesMax];
        feed.Open();

        feed.Offer(commit);
        feed.Offer(commit);
        Assert.Equal(commit.Length, feed.Missed);
        Assert.True(feed.TryTake(out _));
        Assert.False(feed.TryTake(out _));

        feed.Offer(commit);
        Assert.Equal(commit.Length, feed.Missed);
        Assert.True(feed.TryTake(out _));
    }
}
