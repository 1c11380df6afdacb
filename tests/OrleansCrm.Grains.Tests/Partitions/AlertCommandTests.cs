using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class AlertCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Of_many_agents_who_claim_at_once_exactly_one_wins()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var alert = await RaiseAsync(engine);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => CommandAsync(engine, Shop.Claim(alert, $"agent{i}@example.com"))));

        Assert.Single(answers, a => a.Code == "");
        Assert.Equal(19, answers.Count(a => a.Code == "already_claimed"));
    }

    [Fact]
    public async Task Resolved_alert_cannot_be_claimed()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var alert = await RaiseAsync(engine);

        Assert.Equal("", (await CommandAsync(engine, Shop.Resolve(alert, "ada@example.com"))).Code);
        Assert.Equal("already_resolved", (await CommandAsync(engine, Shop.Claim(alert, "bob@example.com"))).Code);
        await Engine.UntilAsync("no alert is open", async () => (await engine.OpenAlertsAsync()).Length == 0);
    }

    [Theory]
    [InlineData("0-999999-0")]
    [InlineData("nonsense")]
    public async Task Unknown_alert_is_not_found(string alert)
    {
        await using var engine = await Engine.StartAsync(_directory.Path);

        var response = await engine.Grains.GetGrain<IPartitionGrain>(0).AppendAsync(new AppendRequest([Shop.Claim(alert, "ada@example.com")]));

        Assert.Equal("not_found", Assert.Single(response.Outcomes).Code);
    }

    [Fact]
    public async Task Alert_of_another_tenant_does_not_exist()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var alert = await RaiseAsync(engine);

        Assert.Equal("not_found", (await CommandAsync(engine, Shop.Claim(alert, "eve@example.com") with { Customer = "other/" })).Code);
        var lookup = await PartitionOf(engine, alert).LookupAsync(new LookupRequest("other/", LookupKind.Alert, 0, alert));
        Assert.Equal(LookupStatus.NotFound, lookup.Status);
    }

    [Fact]
    public async Task Alert_by_its_id_is_as_it_is_now()
    {
        await using var engine = await Engine.StartAsync(_directory.Path);
        var alert = await RaiseAsync(engine);
        await CommandAsync(engine, Shop.Claim(alert, "ada@example.com"));

        var lookup = await PartitionOf(engine, alert).LookupAsync(new LookupRequest("default/", LookupKind.Alert, 0, alert));

        using var body = JsonDocument.Parse(lookup.Body);
        Assert.Equal("claimed", body.RootElement.GetProperty("status").GetString());
        Assert.Equal("ada@example.com", body.RootElement.GetProperty("claimedBy").GetString());
    }

    [Fact]
    public async Task Claim_survives_a_restart_and_the_desk_hears_of_nothing_twice()
    {
        string alert;
        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            alert = await RaiseAsync(engine);
            await CommandAsync(engine, Shop.Claim(alert, "ada@example.com"));
            await Engine.UntilAsync("the desk has both changes", async () => (await engine.ChangesAsync()).Length == 2);
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        Assert.Equal("already_claimed", (await CommandAsync(restarted, Shop.Claim(alert, "bob@example.com"))).Code);
        Assert.Equal(["open", "claimed"], (await restarted.ChangesAsync()).Select(c => c.GetProperty("status").GetString()));
    }

    private static async Task<string> RaiseAsync(Engine engine)
    {
        var ada = Shop.Customer("ada");
        var now = DateTimeOffset.UtcNow;
        await engine.AppendAsync([.. Enumerable.Range(0, 4).Select(i => Shop.Order(ada, $"o{i}", now.AddDays(-173 + i * 21)))]);
        await Engine.UntilAsync("the alert is open", async () => (await engine.OpenAlertsAsync()).Length == 1);
        return (await engine.OpenAlertsAsync())[0].GetProperty("id").GetString()!;
    }

    private static async Task<CommandOutcome> CommandAsync(Engine engine, NewEntry command)
    {
        using var payload = JsonDocument.Parse(command.Payload);
        var alert = payload.RootElement.GetProperty("alert").GetString()!;
        return Assert.Single((await PartitionOf(engine, alert).AppendAsync(new AppendRequest([command]))).Outcomes);
    }

    private static IPartitionGrain PartitionOf(Engine engine, string alert)
    {
        Assert.True(AlertId.TryParse(alert, out var id));
        return engine.Grains.GetGrain<IPartitionGrain>(id.Partition);
    }
}
