using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

/// <summary>Two ids of one person that live in two partitions.</summary>
public sealed class LinkTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private static readonly string User = Shop.Customer("u1");

    // One in the other partition than the user's.
    private static readonly string Visitor = Enumerable.Range(0, 20).Select(i => Shop.Visitor("a" + i))
        .First(v => CustomerKey.Parse(v).PartitionOf(2) != CustomerKey.Parse(User).PartitionOf(2));

    [Fact]
    public async Task Answer_to_the_linking_event_means_that_the_visitor_has_moved()
    {
        using var directory = new TemporaryDirectory();
        await using var engine = await Engine.StartAsync(directory.Path);
        await engine.AppendAsync(Shop.Order(Visitor, "o1", Now.AddDays(-2), 60));

        var answer = await engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));

        Assert.Equal((AppendStatus.Done, EntryVerdict.Applied), (answer.Status, answer.Verdicts[0]));
        Assert.Empty(answer.Outcomes);
        Assert.Equal((1, 60), (await engine.OrdersAsync(User), Points(await engine.ProfileAsync(User))));
        var moved = await engine.LookupAsync(Visitor);
        Assert.Equal((LookupStatus.Moved, User), (moved.Status, moved.MovedTo));
    }

    [Fact]
    public async Task Late_event_is_seen_at_the_user_when_it_is_answered()
    {
        using var directory = new TemporaryDirectory();
        await using var engine = await Engine.StartAsync(directory.Path);
        await engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));

        var late = Shop.Order(Visitor, "o1", Now.AddDays(-2), 60);
        var answers = new[] { await engine.AppendAsync(late), await engine.AppendAsync(late) };

        Assert.Equal([EntryVerdict.Applied, EntryVerdict.Duplicate], answers.Select(a => a.Verdicts[0]));
        Assert.Empty(answers[0].Outcomes);
        Assert.Equal((1, 60), (await engine.OrdersAsync(User), Points(await engine.ProfileAsync(User))));
    }

    [Fact]
    public async Task Late_event_that_the_user_cannot_fold_is_told_as_one()
    {
        using var directory = new TemporaryDirectory();
        await using var engine = await Engine.StartAsync(directory.Path);
        await engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));

        var broken = Shop.Order(Visitor, "o1", Now.AddDays(-2), 60) with { Payload = "{"u8.ToArray() };
        var answer = await engine.AppendAsync(broken, Shop.Order(Visitor, "o2", Now.AddDays(-1), 40));

        Assert.Equal([EntryVerdict.Faulted, EntryVerdict.Applied], answer.Verdicts);
        Assert.Empty(answer.Outcomes);
        Assert.Equal(1, await engine.OrdersAsync(User));
    }

    [Fact]
    public async Task Sender_who_waits_for_the_other_id_is_answered_when_the_partition_is_given_up()
    {
        using var directory = new TemporaryDirectory();
        JournalProbe? probe = null;
        await using var engine = await Engine.StartAsync(
            directory.Path, configure: o => o.LinkPatience = TimeSpan.FromHours(1), probe: journal => (probe = JournalProbe.On(journal)).Journal);
        await engine.AppendAsync(Shop.Order(Visitor, "o1", Now.AddDays(-2)));
        await engine.AppendAsync(Shop.Order(User, "o2", Now.AddDays(-2)));
        probe!.Hold(CustomerKey.Parse(Visitor).PartitionOf(2));
        var commits = probe.Calls("AppendAsync");
        var linking = engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));
        await Engine.UntilAsync("the claim waits", () => Task.FromResult(probe.Calls("AppendAsync") >= commits + 2));

        await engine.Journal.TakeOverAsync(CustomerKey.Parse(User).PartitionOf(2), CancellationToken.None);
        await engine.AppendAsync(Shop.Order(User, "o3", Now));

        var answer = await linking.WaitAsync(TimeSpan.FromMinutes(2));
        probe.Release();
        Assert.Equal(LinkCodes.Linking, Assert.Single(answer.Outcomes).Code);
    }

    [Fact]
    public async Task Second_user_of_an_id_is_told_that_it_is_taken()
    {
        using var directory = new TemporaryDirectory();
        await using var engine = await Engine.StartAsync(directory.Path);
        await engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));

        var answer = await engine.AppendAsync(Shop.SignIn(Shop.Customer("u2"), Visitor, "m2", Now));

        Assert.Equal(EntryVerdict.Applied, answer.Verdicts[0]);
        Assert.Equal(LinkCodes.AlreadyLinked, Assert.Single(answer.Outcomes).Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Links_survive_a_crash(bool isFlushed)
    {
        using var directory = new TemporaryDirectory();
        await using (var engine = await Engine.StartAsync(directory.Path, configure: o => o.FlushAge = TimeSpan.FromMinutes(1)))
        {
            await engine.AppendAsync(Shop.Order(Visitor, "o1", Now.AddDays(-2), 60));
            await engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));
            await engine.AppendAsync(Shop.Order(Visitor, "o2", Now.AddDays(-1), 40));
            if (isFlushed)
                await Task.WhenAll(engine.PartitionOf(User).FlushAsync(), engine.PartitionOf(Visitor).FlushAsync());
        }

        await using var again = await Engine.StartAsync(directory.Path);

        Assert.Equal((2, 100), (await again.OrdersAsync(User), Points(await again.ProfileAsync(User))));
        Assert.Equal(LookupStatus.Moved, (await again.LookupAsync(Visitor)).Status);
        await again.AppendAsync(Shop.Order(Visitor, "o3", Now, 5));
        Assert.Equal((3, 105), (await again.OrdersAsync(User), Points(await again.ProfileAsync(User))));
    }

    [Fact]
    public async Task Answer_does_not_wait_for_ever()
    {
        using var directory = new TemporaryDirectory();
        await using var engine = await Engine.StartAsync(directory.Path, configure: o => o.LinkPatience = TimeSpan.Zero);
        await engine.AppendAsync(Shop.Order(Visitor, "o1", Now, 60));

        var answer = await engine.AppendAsync(Shop.SignIn(User, Visitor, "m1", Now));

        Assert.Equal(EntryVerdict.Applied, answer.Verdicts[0]);
        Assert.All(answer.Outcomes, o => Assert.Equal(LinkCodes.Linking, o.Code));
        await Engine.UntilAsync("the handover goes on", async () => await engine.OrdersAsync(User) == 1);
    }

    private static int Points(JsonElement profile) => profile.GetProperty("loyalty").GetProperty("balance").GetInt32();
}
