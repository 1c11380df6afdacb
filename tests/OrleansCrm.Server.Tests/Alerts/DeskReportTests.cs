using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Journal;
using OrleansCrm.Server.Metrics;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Alerts;

/// <summary>Alerts that find their agents by themselves, and what those who lead see of it.</summary>
public sealed class DeskReportTests(DeskReportTests.Desk desk) : IClassFixture<DeskReportTests.Desk>
{
    private readonly TestServer _server = desk.Server;

    [Fact]
    public async Task Alerts_find_the_agents_who_are_there_and_reports_count_what_they_do()
    {
        var program = """
            {"alerts":{"desks":{"default":{"assignment":{"mode":"roundRobin","capacity":2}}},"agents":{"ben@shop.example":{"capacity":0}}}}
            """;
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, program)).Status);
        var (ada, _) = (await AgentAsync("ada@shop.example"), await AgentAsync("ben@shop.example"));
        var roster = _server.Engine.Services.GetRequiredService<IGrainFactory>().GetGrain<IRosterGrain>("default");
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add(await AlertsAtDesk.RaiseAsync(_server, Events.NewCustomer()));

        var load = await UntilAsync("two are ada's", "/v1/desks/default/load", l => Agent(l, "ada@shop.example").GetProperty("claimed").GetInt32() == 2, async () =>
            await roster.ReportAsync("test", [Online("ada@shop.example"), Online("ben@shop.example")]));
        Assert.Equal(("roundRobin", 3, 1, 0), (Text(load, "mode"), Int(load, "open"), Int(load, "unassigned"), Int(load, "breached")));
        var row = Agent(load, "ada@shop.example");
        Assert.Equal(("online", 2, 2, 0, true), (Text(row, "presence"), Int(row, "capacity"), Int(row, "notActedOn"), Int(row, "actedToday"), row.GetProperty("inTurn").GetBoolean()));
        row = Agent(load, "ben@shop.example");
        Assert.Equal((0, 0, false), (Int(row, "capacity"), Int(row, "claimed"), row.GetProperty("inTurn").GetBoolean()));

        var mine = (await _server.GetAsync("/v1/desks/default/alerts?claimedBy=ada@shop.example")).Json["items"].EnumerateArray().Select(a => Text(a, "id")!).ToArray();
        var history = (await _server.GetAsync($"/v1/alerts/{mine[0]}/history")).Json["items"].EnumerateArray().Last();
        Assert.Equal(("assigned", "ada@shop.example", "round robin"), (Text(history, "action"), Text(history, "detail"), Text(history, "reason")));
        Assert.True((await _server.GetAsync($"/v1/alerts/{mine[0]}/explanation")).Json["matches"].GetBoolean());

        // The list finds and sorts.
        var customer = Text((await _server.GetAsync($"/v1/alerts/{mine[0]}")).Element, "customerId")!;
        Assert.Equal(mine[0], Text(Assert.Single(await ItemsAsync("q=" + customer[1..].ToUpperInvariant())), "id"));
        Assert.Empty(await ItemsAsync("q=nobody"));
        Assert.Empty(await ItemsAsync("tier=gold"));
        var byDue = await ItemsAsync("sort=due");
        Assert.Equal(byDue.Select(a => Text(a, "dueAt")).Order(StringComparer.Ordinal), byDue.Select(a => Text(a, "dueAt")));
        Assert.Equal(3, byDue.Length);
        var first = await _server.GetAsync("/v1/desks/default/alerts?sort=due&limit=2");
        var rest = await _server.GetAsync($"/v1/desks/default/alerts?sort=due&limit=2&after={first.Json["next"].GetString()}");
        Assert.Equal(byDue.Select(a => Text(a, "id")), first.Json["items"].EnumerateArray().Concat(rest.Json["items"].EnumerateArray()).Select(a => Text(a, "id")));
        Assert.Equal((400, "invalid_value"), Of(await _server.GetAsync("/v1/desks/default/alerts?sort=luck")));

        // Room is used by what waited.
        Assert.Equal(200, (await _server.PostAsync($"/v1/alerts/{mine[0]}/resolve", """{"outcome":"reached"}""", ada)).Status);
        load = await UntilAsync("the third is hers", "/v1/desks/default/load", l => Agent(l, "ada@shop.example").GetProperty("claimed").GetInt32() == 2 && Int(l, "open") == 2, async () =>
            await roster.ReportAsync("test", [Online("ada@shop.example")]));
        row = Agent(load, "ada@shop.example");
        Assert.Equal((0, 1, 1, 1), (Int(load, "unassigned"), Int(load, "resolvedToday"), Int(row, "resolvedToday"), Int(row, "actedToday")));

        var report = await UntilAsync("it is counted", "/v1/metrics/desk?desk=default", r => Int(r.GetProperty("total"), "resolved") == 1, () => Task.CompletedTask);
        var kind = Assert.Single(report.GetProperty("kinds").EnumerateArray());
        var agent = Assert.Single(report.GetProperty("agents").EnumerateArray());
        Assert.Equal(("churn_risk", "ada@shop.example"), (Text(kind, "kind"), Text(agent, "agent")));
        foreach (var tally in new[] { report.GetProperty("total"), kind.GetProperty("tally"), agent.GetProperty("tally") })
        {
            Assert.Equal((1, 0), (Int(tally.GetProperty("sla"), "met"), Int(tally.GetProperty("sla"), "missed")));
            Assert.Equal(1, Int(tally.GetProperty("outcomes"), "reached"));
            Assert.Equal((1, 1), (Int(tally.GetProperty("timeToClaim"), "count"), Int(tally.GetProperty("timeToResolve"), "count")));
            Assert.InRange(tally.GetProperty("timeToResolve").GetProperty("p90").GetDouble(), 0, 600);
        }

        var before = DateTime.UtcNow.AddDays(-1).ToString("O", CultureInfo.InvariantCulture);
        Assert.Equal(0, Int((await _server.GetAsync("/v1/metrics/desk?to=" + before)).Json["total"], "resolved"));
        foreach (var query in new[] { "from=yesterday", "to=x", "from=2026-01-02&to=2026-01-01", "from=2020-01-01&to=2026-01-01" })
            Assert.Equal((400, "invalid_period"), Of(await _server.GetAsync("/v1/metrics/desk?" + query)));
        Assert.Equal((400, "invalid_desk"), Of(await _server.GetAsync("/v1/metrics/desk?desk=big%20desk")));
        Assert.Equal((400, "invalid_desk"), Of(await _server.GetAsync("/v1/desks/big%20desk/load")));
        Assert.Equal(3, ids.Count);
    }

    [Fact]
    public void Tally_counts_by_nearest_rank_and_what_is_overdue_as_missed()
    {
        var finished = Enumerable.Range(1, 10).Select(i => Over(i)).Append(Over(0) with { IsResolved = false, TakenMs = 0 }).ToArray();
        var tally = DeskTally.Of(finished, overdue: 2);
        Assert.Equal((10, 1), (tally.Resolved, tally.Withdrawn));
        Assert.Equal(new SlaTally(5, 7, 0.4167), tally.Sla);
        Assert.Equal(new DurationTally(10, 5, 9), tally.TimeToResolve);
        Assert.Equal(new DurationTally(10, 2.5, 4.5), tally.TimeToClaim);
        Assert.Equal(("even", 5), (tally.Outcomes.First().Key, tally.Outcomes["odd"]));

        var none = DeskTally.Of([], 0);
        Assert.Equal((null, null), (none.Sla.Share, none.TimeToClaim.P50));
        var many = DeskTally.Of([.. Enumerable.Range(0, 30).Select(i => Over(1) with { Outcome = "o" + i })], 0).Outcomes;
        Assert.Equal((21, 10), (many.Count, many["other"]));
    }

    private static FinishedAlert Over(int second) => new(
        "0-" + second + "-0", "d", "churn_risk", "low", true, second % 2 == 0 ? "even" : "odd", "ada@x", 1_000_000, 1_000_000 + second * 500, 1_005_000, 1_000_000 + second * 1_000);

    private async Task<JsonElement> UntilAsync(string what, string path, Func<JsonElement, bool> isSo, Func<Task> meanwhile)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (true)
        {
            await meanwhile();
            var answer = await _server.GetAsync(path);
            Assert.Equal(200, answer.Status);
            if (isSo(answer.Element))
                return answer.Element;
            Assert.True(DateTime.UtcNow < deadline, $"It did not come about that {what}: {answer.Body}");
            await Task.Delay(50);
        }
    }

    private async Task<JsonElement[]> ItemsAsync(string query) =>
        [.. (await _server.GetAsync("/v1/desks/default/alerts?" + query)).Json["items"].EnumerateArray()];

    private async Task<string> AgentAsync(string email)
    {
        const string Password = "a long enough password";
        await _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password = Password, role = "agent" }), TestServer.ApiKey);
        return await _server.SignInAsync(email, Password);
    }

    private static AgentStatus Online(string agent) => new(agent, "online", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), [], "agent");

    private static JsonElement Agent(JsonElement load, string agent) => load.GetProperty("agents").EnumerateArray().First(a => Text(a, "agent") == agent);

    private static (int Status, string Code) Of(Answer answer) => (answer.Status, answer.Code);

    private static int Int(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    public sealed class Desk : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await TestServer.StartAsync(configure: o => o.Partition.WakeQuiet = TimeSpan.FromMilliseconds(100));

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
