using System.Text.Json;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Tests.Support;

namespace OrleansCrm.Grains.Tests.Desks;

/// <summary>Assignment over a real journal: with agents who are faster, with crashes, and with many alerts at once.</summary>
public sealed class AssignmentGrainTests : IDisposable
{
    private const string Ada = "ada@x";
    private const string Bob = "bob@x";

    private readonly TemporaryDirectory _directory = new();
    private readonly BendableTime _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Capacity_is_never_exceeded_while_alerts_come_all_at_once()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, _time);
        var rules = Rules() with { Capacity = 3 };
        await BeThereAsync(engine, Ada, Bob);
        var raising = Task.WhenAll(Enumerable.Range(0, 30).Select(i => RaiseAsync(engine, "c" + i)));
        while (!raising.IsCompleted)
            await Task.WhenAll(AssignAsync(engine, rules), AssignAsync(engine, rules));
        await raising;
        await Engine.UntilAsync("all are at the desk", async () => (await engine.OpenAlertsAsync()).Length == 30);
        await Engine.UntilAsync("both have what they can take", async () =>
        {
            await AssignAsync(engine, rules);
            return Claimed(await engine.OpenAlertsAsync()).Count() == 6;
        });
        await AssignAsync(engine, rules);

        // Who resolves one is given another.
        var resolved = Claimed(await engine.OpenAlertsAsync()).First();
        await CommandAsync(engine, Shop.Resolve(Text(resolved, "id"), Text(resolved, "claimedBy")));
        await Engine.UntilAsync("room is used", async () =>
        {
            await AssignAsync(engine, rules);
            var open = await engine.OpenAlertsAsync();
            return open.Length == 29 && Claimed(open).Count() == 6;
        });
        AssertCapacityAtEveryMoment(await engine.ChangesAsync(), 3);
    }

    [Fact]
    public async Task Agents_who_claim_while_the_server_assigns_have_one_winner_each()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, _time);
        await BeThereAsync(engine, Ada);
        var ids = await RaiseAllAsync(engine, 8);
        var rules = Rules();

        var claims = Task.WhenAll(ids.Select(id => CommandAsync(engine, Shop.Claim(id, Bob))));
        await Task.WhenAll(AssignAsync(engine, rules), claims);

        var won = (await claims).Zip(ids).Where(c => c.First.Code.Length == 0).Select(c => c.Second).ToHashSet();
        await Engine.UntilAsync("every alert has one agent", async () =>
        {
            await AssignAsync(engine, rules);
            var alerts = await engine.OpenAlertsAsync();
            return alerts.Length == 8 && alerts.All(a => Text(a, "claimedBy") == (won.Contains(Text(a, "id")) ? Bob : Ada));
        });
        var holders = (await engine.ChangesAsync()).Where(c => Text(c, "claimedBy").Length > 0).GroupBy(c => Text(c, "id"));
        Assert.All(holders, alert => Assert.Single(alert.Select(c => Text(c, "claimedBy")).Distinct()));
    }

    [Fact]
    public async Task Alerts_of_an_agent_who_goes_offline_find_another_and_say_why()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, _time);
        await BeThereAsync(engine, Ada);
        var ids = await RaiseAllAsync(engine, 2);
        await UntilClaimedAsync(engine, Rules(), Ada, 2);
        await CommandAsync(engine, Shop.Claim(ids[0], Ada));

        // What he has not acted on goes first; what he works on stays with him for a while.
        await PassAsync(engine, TimeSpan.FromSeconds(16), Bob);
        Assert.Equal((Ada, Bob), (await AgentOfAsync(engine, ids[0]), await AgentOfAsync(engine, ids[1])));
        await PassAsync(engine, TimeSpan.FromSeconds(50), Bob);
        Assert.Equal((Bob, Bob), (await AgentOfAsync(engine, ids[0]), await AgentOfAsync(engine, ids[1])));
        Assert.Equal("agent went offline, round robin", await WhyAsync(engine, ids[1]));
    }

    [Fact]
    public async Task Restart_between_assignment_and_action_assigns_nothing_twice_and_loses_nothing()
    {
        string[] ids;
        await using (var engine = await Engine.StartAsync(_directory.Path, _time))
        {
            await BeThereAsync(engine, Ada);
            ids = await RaiseAllAsync(engine, 3);
            await UntilClaimedAsync(engine, Rules() with { Capacity = 2 }, Ada, 2);
        }

        await using var restarted = await Engine.StartAsync(_directory.Path, _time);
        await BeThereAsync(restarted, Ada, Bob);
        await UntilClaimedAsync(restarted, Rules() with { Capacity = 2 }, Bob, 1);
        Assert.Equal(2, (await restarted.OpenAlertsAsync()).Count(a => Text(a, "claimedBy") == Ada));
        Assert.All(
            (await restarted.ChangesAsync()).Where(c => Text(c, "claimedBy").Length > 0).GroupBy(c => Text(c, "id")),
            alert => Assert.Single(alert));

        // Nobody acts: the instant at which it is taken back has survived as well.
        _time.Advance(TimeSpan.FromMinutes(11));
        await Engine.UntilAsync("all are back", async () => (await restarted.OpenAlertsAsync()).Count(a => Text(a, "status") == "open") == 3);
        await BeThereAsync(restarted, Ada, Bob, "eve@x");
        await UntilClaimedAsync(restarted, Rules(), "eve@x", 1);
        Assert.Equal(3, ids.Length);
    }

    [Fact]
    public async Task Agent_of_another_tenant_is_given_nothing_even_as_an_owner()
    {
        await using var engine = await Engine.StartAsync(_directory.Path, _time);
        await engine.Grains.GetGrain<IRosterGrain>("other").ReportAsync("p", [new AgentStatus(Ada, "online", 0, [], "agent")]);
        await RaiseAsync(engine, "c", owner: Ada);
        await Engine.UntilAsync("it is at the desk", async () => (await engine.OpenAlertsAsync()).Length == 1);
        Assert.Equal(Ada, Text((await engine.OpenAlertsAsync())[0], "owner"));
        await AssignAsync(engine, Rules());
        await engine.Grains.GetGrain<IAssignmentGrain>("other/default").AssignAsync(Rules());
        Assert.Equal("open", Text((await engine.OpenAlertsAsync())[0], "status"));

        await BeThereAsync(engine, Ada);
        await UntilClaimedAsync(engine, Rules(), Ada, 1);
        Assert.Equal("owner online", await WhyAsync(engine, Text((await engine.OpenAlertsAsync())[0], "id")));
    }

    private static AssignmentRules Rules() => new(1, true, 10, TimeSpan.FromMinutes(1), []);

    private static Task AssignAsync(Engine engine, AssignmentRules rules) => engine.Grains.GetGrain<IAssignmentGrain>("default/default").AssignAsync(rules);

    private static Task BeThereAsync(Engine engine, params string[] agents) =>
        engine.Grains.GetGrain<IRosterGrain>("default").ReportAsync("p", [.. agents.Select(a => new AgentStatus(a, "online", 0, [], "agent"))]);

    /// <summary>Time passes, second by second for the desk, while only these are there.</summary>
    private async Task PassAsync(Engine engine, TimeSpan time, params string[] agents)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(4))
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            await BeThereAsync(engine, agents);
            await AssignAsync(engine, Rules());
        }
    }

    private static Task UntilClaimedAsync(Engine engine, AssignmentRules rules, string agent, int count) => Engine.UntilAsync($"{agent} has {count}", async () =>
    {
        await AssignAsync(engine, rules);
        return (await engine.OpenAlertsAsync()).Count(a => Text(a, "claimedBy") == agent) == count;
    });

    private async Task<string[]> RaiseAllAsync(Engine engine, int count)
    {
        for (var i = 0; i < count; i++)
            await RaiseAsync(engine, "c" + i);
        await Engine.UntilAsync("they are at the desk", async () => (await engine.OpenAlertsAsync()).Length == count);
        return [.. (await engine.OpenAlertsAsync()).Select(a => Text(a, "id"))];
    }

    private async Task RaiseAsync(Engine engine, string id, string owner = "")
    {
        var (customer, now) = (Shop.Customer(id), _time.GetUtcNow());
        if (owner.Length > 0)
            await engine.AppendAsync(new NewEntry(customer, Guid.NewGuid(), EntryTypes.CustomerOwner, now.AddDays(-300).ToUnixTimeMilliseconds(), JsonSerializer.SerializeToUtf8Bytes(new { owner })));
        await engine.AppendAsync([.. Enumerable.Range(0, 4).Select(i => Shop.Order(customer, $"{id}-{i}", now.AddDays(-110 - (3 - i) * 21)))]);
    }

    private static async Task<CommandOutcome> CommandAsync(Engine engine, NewEntry command)
    {
        using var payload = JsonDocument.Parse(command.Payload);
        Assert.True(AlertId.TryParse(payload.RootElement.GetProperty("alert").GetString(), out var id));
        return (await engine.Grains.GetGrain<IPartitionGrain>(id.Partition).AppendAsync(new AppendRequest([command]))).Outcomes[0];
    }

    private static async Task<string> AgentOfAsync(Engine engine, string id) =>
        Text((await engine.ChangesAsync()).Last(c => Text(c, "id") == id), "claimedBy");

    private static async Task<string> WhyAsync(Engine engine, string id)
    {
        var entries = await Engine.AllAsync(engine.Journal, int.Parse(id[..id.IndexOf('-')], System.Globalization.CultureInfo.InvariantCulture));
        return entries.Where(e => e.Type == EntryTypes.AlertDispatch).Select(e => JsonDocument.Parse(e.Payload).RootElement)
            .Last(p => Text(p, "alert") == id).GetProperty("why").GetString()!;
    }

    private static IEnumerable<JsonElement> Claimed(JsonElement[] alerts) => alerts.Where(a => Text(a, "status") == "claimed");

    /// <summary>Replays what the desk was told, in its order.</summary>
    private static void AssertCapacityAtEveryMoment(JsonElement[] changes, int capacity)
    {
        var holders = new Dictionary<string, string>();
        foreach (var change in changes)
        {
            holders[Text(change, "id")] = Text(change, "status") == "claimed" ? Text(change, "claimedBy") : "";
            Assert.All(holders.Values.Where(h => h.Length > 0).GroupBy(h => h), held => Assert.InRange(held.Count(), 1, capacity));
        }
    }

    private static string Text(JsonElement alert, string name) => alert.GetProperty(name).GetString() ?? "";
}
