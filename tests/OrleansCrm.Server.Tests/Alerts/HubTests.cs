using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Alerts;

/// <summary>The hub through the client that agents' pages use. Each test has a server of its own: a desk is one for all.</summary>
[Trait("Needs", "npm")]
public sealed class HubTests : IAsyncLifetime
{
    private const string AgentPassword = "a long enough password";

    private TestServer _server = null!;

    // An instant that has long passed waits until its customer is quiet; here nobody sends anything more.
    public async Task InitializeAsync() => _server = await TestServer.StartAsync(configure: o => o.Partition.WakeQuiet = TimeSpan.FromMilliseconds(100));

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [NodeFact]
    public async Task Alert_is_pushed_to_whoever_follows_the_desk()
    {
        await using var agent = await ConnectAsync("one@shop.example");
        var view = await agent.InvokeAsync("Subscribe", "default", null);
        Assert.Equal((0, 0, "default"), (view.GetProperty("sequence").GetInt64(), view.GetProperty("total").GetInt32(), view.GetProperty("desk").GetString()));

        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.SilentCustomer(user));
        var push = await agent.NextPushAsync();

        var alert = push.GetProperty("changes")[0].GetProperty("alert");
        Assert.Equal(("default", 0, 1), (push.GetProperty("desk").GetString(), push.GetProperty("from").GetInt64(), push.GetProperty("sequence").GetInt64()));
        Assert.Equal(("churn_risk", "open", user), (Text(alert, "kind"), Text(alert, "status"), Text(alert, "customerId")));
        Assert.Contains(Text(alert, "id"), (await _server.GetAsync("/v1/customers/" + user)).Json["openAlerts"].EnumerateArray().Select(a => a.GetString()));
    }

    [NodeFact]
    public async Task Alert_has_one_winner_and_the_others_hear_who()
    {
        await using var one = await ConnectAsync("one@shop.example");
        await using var two = await ConnectAsync("two@shop.example");
        await using var boss = await ConnectAsync("boss@shop.example", "supervisor");
        var id = await RaiseAsync();

        var claims = await Task.WhenAll(TryAsync(one, "Claim", id), TryAsync(two, "Claim", id));
        var (winner, loser) = claims[0].Error is null ? (one, two) : (two, one);
        var refusal = claims[0].Error ?? claims[1].Error;
        Assert.Single(claims, c => c.Error is null);
        Assert.Matches("HubException: already_claimed: .*(one|two)@shop.example", refusal);

        Assert.Equal("claimed", Text((await TryAsync(winner, "Claim", id)).Result, "status"));
        Assert.Contains("HubException: already_claimed", (await TryAsync(loser, "Resolve", id, "reached", "")).Error);
        Assert.Contains("HubException: already_claimed", (await TryAsync(loser, "Release", id)).Error);
        Assert.Equal("open", Text((await TryAsync(winner, "Release", id)).Result, "status"));
        Assert.Equal("claimed", Text((await TryAsync(loser, "Claim", id)).Result, "status"));
        Assert.Equal("resolved", Text((await TryAsync(boss, "Resolve", id, "reached", "Called, comes back.")).Result, "status"));
        Assert.Contains("HubException: already_resolved", (await TryAsync(one, "Claim", id)).Error);
        Assert.Equal("resolved", Text((await _server.GetAsync("/v1/alerts/" + id)).Element, "status"));
    }

    [NodeFact]
    public async Task Command_on_what_is_not_there_says_so()
    {
        await using var agent = await ConnectAsync("one@shop.example");

        foreach (var id in new[] { "0-999-0", "999-0-0", "nonsense", "" })
            Assert.Contains("HubException: not_found: ", (await TryAsync(agent, "Claim", id)).Error);
        Assert.Contains("HubException: invalid_value: ", (await TryAsync(agent, "Resolve", "0-1-0", "", "")).Error);
        Assert.Contains("HubException: invalid_desk: ", (await TryAsync(agent, "Subscribe", "other/default", null)).Error);
    }

    [NodeFact]
    public async Task Client_that_was_away_gets_what_it_missed_without_a_gap()
    {
        await using var stays = await ConnectAsync("one@shop.example");
        await stays.InvokeAsync("Subscribe", "default", null);
        long seen;
        await using (var leaves = await ConnectAsync("two@shop.example"))
        {
            await RaiseAsync();
            seen = (await leaves.InvokeAsync("Subscribe", "default", null)).GetProperty("sequence").GetInt64();
        }

        for (var i = 0; i < 3; i++)
            await RaiseAsync();
        await using var back = await ConnectAsync("two@shop.example");
        var missed = await back.InvokeAsync("Subscribe", "default", seen);
        var fresh = await back.InvokeAsync("Subscribe", "default", null);

        Assert.Equal(Enumerable.Range((int)seen + 1, 3).Select(n => (long)n), Sequences(missed));
        Assert.Equal(0, missed.GetProperty("alerts").GetArrayLength());
        Assert.Equal(4, fresh.GetProperty("alerts").GetArrayLength());
        Assert.Equal(seen + 3, fresh.GetProperty("sequence").GetInt64());
        await AssertPushedInOrderAsync(stays, 0, seen + 3);
    }

    [NodeFact]
    public async Task Customer_who_comes_back_has_the_alert_withdrawn()
    {
        await using var agent = await ConnectAsync("one@shop.example");
        await agent.InvokeAsync("Subscribe", "default", null);
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.SilentCustomer(user));
        var raised = (await agent.NextPushAsync()).GetProperty("changes")[0].GetProperty("alert");

        await _server.IngestAsync(Events.Order(user, user + "-back", 20));
        var withdrawn = (await agent.NextPushAsync()).GetProperty("changes")[0].GetProperty("alert");

        Assert.Equal((Text(raised, "id"), "withdrawn"), (Text(withdrawn, "id"), Text(withdrawn, "status")));
        Assert.DoesNotContain(Text(raised, "id"), (await _server.GetAsync("/v1/customers/" + user)).Json["openAlerts"].EnumerateArray().Select(a => a.GetString()));
    }

    [NodeFact]
    public async Task Numbers_go_on_over_a_restart()
    {
        var first = await RaiseAsync();
        await using (var agent = await ConnectAsync("one@shop.example"))
            Assert.Equal(1, (await agent.InvokeAsync("Subscribe", "default", null)).GetProperty("sequence").GetInt64());

        await _server.RestartAsync();
        await using var again = await ConnectAsync("one@shop.example");
        Assert.Empty(Sequences(await again.InvokeAsync("Subscribe", "default", 1)));
        await RaiseAsync();
        var push = await again.NextPushAsync();

        Assert.Equal((1, 2), (push.GetProperty("from").GetInt64(), push.GetProperty("sequence").GetInt64()));
        Assert.Equal(200, (await _server.GetAsync("/v1/alerts/" + first)).Status);
    }

    [NodeFact]
    public async Task Session_that_ends_ends_its_connection()
    {
        var token = await AgentAsync("one@shop.example", "agent");
        await using var agent = await HubClient.ConnectAsync(_server.Address, token);
        await agent.InvokeAsync("Subscribe", "default", null);

        await _server.SendAsync(HttpMethod.Delete, "/v1/sessions", token);

        await agent.Closed;
        await Assert.ThrowsAsync<InvalidOperationException>(() => HubClient.ConnectAsync(_server.Address, token));
    }

    [NodeFact]
    public async Task Every_transport_works()
    {
        var token = await AgentAsync("one@shop.example", "agent");
        foreach (var transport in new[] { "WebSockets", "ServerSentEvents", "LongPolling" })
        {
            await using var agent = await HubClient.ConnectAsync(_server.Address, token, transport);
            var before = (await agent.InvokeAsync("Subscribe", "default", null)).GetProperty("sequence").GetInt64();
            await RaiseAsync();
            await AssertPushedInOrderAsync(agent, before, before + 1);
        }
    }

    [NodeFact]
    public async Task API_key_is_no_agent()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => HubClient.ConnectAsync(_server.Address, TestServer.ApiKey));

        Assert.Contains("403", refusal.Message);
    }

    [NodeFact]
    public async Task Alerts_as_plain_requests_are_the_same_alerts()
    {
        var one = await AgentAsync("one@shop.example", "agent");
        var two = await AgentAsync("two@shop.example", "agent");
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Add(await RaiseAsync());

        var list = await _server.GetAsync("/v1/desks/default/alerts?limit=2", one);
        var rest = await _server.GetAsync("/v1/desks/default/alerts?limit=2&after=" + list.Json["next"].GetString(), one);
        Assert.Equal(ids.Order(), list.Json["items"].EnumerateArray().Concat(rest.Json["items"].EnumerateArray()).Select(a => Text(a, "id")).Order());
        Assert.Equal(JsonValueKind.Null, rest.Json["next"].ValueKind);

        Assert.Equal("one@shop.example", Text((await PostAsync(ids[0], "claim", one)).Element, "claimedBy"));
        var refused = await PostAsync(ids[0], "claim", two);
        Assert.Equal((409, "already_claimed"), (refused.Status, refused.Code));
        Assert.Single((await _server.GetAsync("/v1/desks/default/alerts?status=claimed", one)).Json["items"].EnumerateArray());
        Assert.Equal(400, (await PostAsync(ids[0], "resolve", one)).Status);
        Assert.Equal("resolved", Text((await PostAsync(ids[0], "resolve", one, """{"outcome":"reached","note":"n"}""")).Element, "status"));
        var late = await PostAsync(ids[0], "release", one);
        Assert.Equal((409, "already_resolved"), (late.Status, late.Code));
        Assert.Equal((404, "alert_not_found"), Of(await PostAsync("0-9999-0", "claim", one)));
    }

    [Fact]
    public async Task Desk_of_many_alerts_is_listed_to_its_end_and_filtered_before_it_is_cut()
    {
        const int Count = 600;
        var alert = JsonNode.Parse((await _server.GetAsync("/v1/alerts/" + await RaiseAsync())).Body)!;
        byte[] With(int number)
        {
            (alert["id"], alert["status"]) = ($"0-{number}-9", number >= Count - 2 ? "claimed" : "open");
            return JsonSerializer.SerializeToUtf8Bytes(alert);
        }

        var changes = Enumerable.Range(0, Count).Select(i => new Outgoing(i, 0, "default/many", $"0-{i}-9", false, Count - i / 7, With(i))).ToArray();
        await _server.Engine.Services.GetRequiredService<IJournal>()
            .WriteDeskAsync(new DeskWrite("default/many", 1, changes, new SenderPosition(0, Count, 0)), CancellationToken.None);

        var seen = (await _server.ListAsync("/v1/desks/many/alerts?limit=250", "after")).Select(a => Text(a, "id")).ToArray();
        Assert.Equal((Count, Count), (seen.Length, seen.Distinct().Count()));
        var claimed = (await _server.GetAsync("/v1/desks/many/alerts?status=claimed&limit=1")).Json;
        Assert.Equal("0-598-9", Text(claimed["items"][0], "id"));
        claimed = (await _server.GetAsync("/v1/desks/many/alerts?status=claimed&limit=1&after=" + claimed["next"].GetString())).Json;
        Assert.Equal(("0-599-9", JsonValueKind.Null), (Text(claimed["items"][0], "id"), claimed["next"].ValueKind));
        Assert.Equal((400, "invalid_status"), Of(await _server.GetAsync("/v1/desks/many/alerts?status=finished")));
        Assert.Equal((400, "invalid_cursor"), Of(await _server.GetAsync("/v1/desks/many/alerts?after=0-598-9")));
    }

    [NodeFact]
    public async Task Alert_of_another_tenant_does_not_exist()
    {
        var id = await RaiseAsync();
        var token = await _server.SignInElsewhereAsync();

        Assert.Equal((404, "alert_not_found"), Of(await _server.GetAsync("/v1/alerts/" + id, token)));
        Assert.Equal((404, "alert_not_found"), Of(await PostAsync(id, "claim", token)));
        Assert.Equal((404, "alert_not_found"), Of(await PostAsync(id, "resolve", token, """{"outcome":"reached"}""")));
        Assert.Empty((await _server.GetAsync("/v1/desks/default/alerts", token)).Json["items"].EnumerateArray());
        Assert.DoesNotContain("admin@shop.example", (await _server.GetAsync("/v1/users", token)).Body);
        await using var agent = await HubClient.ConnectAsync(_server.Address, token);
        var view = await agent.InvokeAsync("Subscribe", "default", null);
        Assert.Equal((0, 0), (view.GetProperty("sequence").GetInt64(), view.GetProperty("total").GetInt32()));
        await RaiseAsync();
        Assert.Contains("not_found", (await TryAsync(agent, "Claim", id)).Error);
        Assert.False(agent.TryReadPush(out _));
    }

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Code);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static IEnumerable<long> Sequences(JsonElement view) => view.GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("sequence").GetInt64());

    /// <summary>Reads pushes up to a number and sees that each continues the one before.</summary>
    private static async Task AssertPushedInOrderAsync(HubClient agent, long from, long to)
    {
        while (from < to)
        {
            var push = await agent.NextPushAsync();
            Assert.Equal(from, push.GetProperty("from").GetInt64());
            Assert.Equal(Enumerable.Range(1, push.GetProperty("changes").GetArrayLength()).Select(n => from + n), Sequences(push));
            from = push.GetProperty("sequence").GetInt64();
        }

        Assert.Equal(to, from);
    }

    private static async Task<(JsonElement Result, string? Error)> TryAsync(HubClient agent, string method, params object?[] args)
    {
        try
        {
            return (await agent.InvokeAsync(method, args), null);
        }
        catch (InvalidOperationException refusal)
        {
            return (default, refusal.Message);
        }
    }

    /// <summary>Makes an alert and waits until its desk has it.</summary>
    private async Task<string> RaiseAsync()
    {
        var user = Events.NewCustomer();
        Assert.Equal(200, (await _server.IngestAsync(Events.SilentCustomer(user))).Status);
        var deadline = Environment.TickCount64 + 120_000;
        while (Environment.TickCount64 < deadline)
        {
            var open = (await _server.GetAsync("/v1/desks/default/alerts?limit=500")).Json["items"].EnumerateArray();
            if (open.FirstOrDefault(a => Text(a, "customerId") == user) is { ValueKind: JsonValueKind.Object } alert)
                return Text(alert, "id");
            await Task.Delay(20);
        }

        throw new InvalidOperationException("No alert was raised.");
    }

    private Task<Answer> PostAsync(string alert, string command, string token, string body = "{}") =>
        _server.PostAsync($"/v1/alerts/{alert}/{command}", body, token);

    private async Task<string> AgentAsync(string email, string role)
    {
        await _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password = AgentPassword, role }), TestServer.ApiKey);
        return await _server.SignInAsync(email, AgentPassword);
    }

    private async Task<HubClient> ConnectAsync(string email, string role = "agent") =>
        await HubClient.ConnectAsync(_server.Address, await AgentAsync(email, role));
}
