using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class PendingAppendTests
{
    private readonly PendingAppend _sender = new(
        [.. Enumerable.Range(0, 2).Select(i => new NewEntry("acme/user:ada", new Guid(i, 0, 0, new byte[8]), EntryTypes.DecisionMade, 0, []))]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sender_has_its_answer_whenever_it_asks(bool before)
    {
        var early = before ? _sender.Answer : null;
        _sender.Judge(1, EntryVerdict.Duplicate, 7, null);
        Assert.NotEqual(true, early?.IsCompleted);
        _sender.Judge(0, EntryVerdict.Applied, 9, null);

        var answer = await (early ?? _sender.Answer);

        Assert.Equal(AppendStatus.Done, answer.Status);
        Assert.Equal([EntryVerdict.Applied, EntryVerdict.Duplicate], answer.Verdicts);
        Assert.Equal([9L, 7], answer.Offsets);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Abandoned_sender_hears_so_whatever_becomes_of_its_entries(bool before)
    {
        var early = before ? _sender.Answer : null;
        _sender.Abandon();
        _sender.Judge(0, EntryVerdict.Applied, 9, null);
        _sender.Judge(1, EntryVerdict.Applied, 10, null);

        Assert.Equal(AppendStatus.Unavailable, (await (early ?? _sender.Answer)).Status);
    }

    [Fact]
    public async Task Answer_that_was_given_is_not_taken_back()
    {
        _sender.Judge(0, EntryVerdict.Applied, 9, null);
        _sender.Judge(1, EntryVerdict.Applied, 10, null);
        _sender.Abandon();

        Assert.Equal(AppendStatus.Done, (await _sender.Answer).Status);
    }
}
