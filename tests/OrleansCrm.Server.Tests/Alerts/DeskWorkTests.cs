using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Server.Tests.Access;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Alerts;

/// <summary>What agents do with alerts and hear of each other, through the client that their pages use and as plain requests.</summary>
[Trait("Needs", "npm")]
public sealed class DeskWorkTests(DeskWorkTests.Desk desk) : IClassFixture<DeskWorkTests.Desk>
{
    private const string AgentPassword = "a long enough password";

    private readonly TestServer _server = desk.Server;

    [NodeFact]
    public async Task Snoozed_alert_wakes_by_itself_at_its_instant()
    {
        await using var agent = await ConnectAsync();
        var view = await agent.InvokeAsync("Subscribe", "default", null);
        var id = await RaiseAsync();

        var (until, snoozed) = await SnoozeAsync(agent, id);
        Assert.Equal("snoozed", Text(snoozed, "status"));
        Assert.InRange(snoozed.GetProperty("snoozedUntil").GetDateTimeOffset(), until, until.AddSeconds(1));
        var woken = await NextOfAsync(agent, id, "open", "snoozed");

        Assert.Equal(JsonValueKind.Null, woken.GetProperty("claimedBy").ValueKind);
        Assert.True(DateTimeOffset.UtcNow >= until);
        Assert.Equal("open", Text((await _server.GetAsync("/v1/alerts/" + id)).Element, "status"));
        Assert.True((await _server.GetAsync($"/v1/alerts/{id}/explanation")).Json["matches"].GetBoolean());
        Assert.True(view.GetProperty("sequence").GetInt64() >= 0);
    }

    [NodeFact]
    public async Task Notes_and_hand_overs_are_seen_by_everybody_at_the_desk()
    {
        var (ada, ben) = (NewAddress("ada"), NewAddress("ben"));
        await using var one = await ConnectAsync(ada);
        await using var two = await ConnectAsync(ben);
        await two.InvokeAsync("Subscribe", "default", null);
        var id = await RaiseAsync();

        var noted = await one.InvokeAsync("AddNote", id, "Calls back, @" + ben);
        Assert.Equal(("claimed", ada), (Text(noted, "status"), Text(noted, "claimedBy")));
        var note = (await NextOfAsync(two, id, "claimed")).GetProperty("notes")[0];
        Assert.Equal((ada, ben), (Text(note, "by"), note.GetProperty("mentions")[0].GetString()));

        Assert.StartsWith("already_claimed", await RefusalAsync(two, "AddNote", id, "I too"));
        Assert.StartsWith("agent_not_found", await RefusalAsync(one, "Assign", id, "nobody@shop.example"));
        Assert.Equal(ben, Text(await one.InvokeAsync("Assign", id, ben.ToUpperInvariant()), "claimedBy"));
        Assert.Equal(ben, Text(await two.InvokeAsync("Claim", id), "claimedBy"));
        foreach (var until in new[] { "yesterday", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "" })
            Assert.StartsWith("invalid_value", await RefusalAsync(two, "Snooze", id, until));
        Assert.StartsWith("invalid_value", await RefusalAsync(two, "AddNote", id, " "));
    }

    [NodeFact]
    public async Task Commands_as_plain_requests_do_the_same()
    {
        var (one, two) = (await AgentAsync(NewAddress("ada")), await AgentAsync(NewAddress("ben")));
        var id = await RaiseAsync();

        var noted = await _server.PostAsync($"/v1/alerts/{id}/notes", """{"text":"<b>not bold</b>"}""", one);
        Assert.Equal("<b>not bold</b>", Text(noted.Json["notes"][0], "text"));
        var refused = await _server.PostAsync($"/v1/alerts/{id}/snooze", """{"until":"2026-01-01"}""", two);
        Assert.Equal((400, "invalid_value"), (refused.Status, refused.Code));
        var until = DateTime.UtcNow.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        refused = await _server.PostAsync($"/v1/alerts/{id}/snooze", $$"""{"until":"{{until}}"}""", two);
        Assert.Equal((409, "already_claimed", "claimed"), (refused.Status, refused.Code, Text(refused.Json["alert"], "status")));
        Assert.EndsWith(" has claimed this alert.", refused.Json["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal("snoozed", Text((await _server.PostAsync($"/v1/alerts/{id}/snooze", $$"""{"until":"{{until}}"}""", one)).Element, "status"));
        Assert.Equal((404, "agent_not_found"), Of(await _server.PostAsync($"/v1/alerts/{id}/assign", """{"agent":"nobody"}""", one)));
        Assert.Equal("resolved", Text((await _server.PostAsync($"/v1/alerts/{id}/resolve", """{"outcome":"reached"}""", one)).Element, "status"));
        Assert.Equal((409, "already_resolved"), Of(await _server.PostAsync($"/v1/alerts/{id}/notes", """{"text":"late"}""", one)));
        Assert.Equal((400, "invalid_severity"), Of(await _server.GetAsync("/v1/desks/default/alerts?severity=severe", one)));
    }

    [Fact]
    public async Task History_of_an_alert_says_who_did_what()
    {
        var (ada, boss) = (NewAddress("ada"), NewAddress("boss"));
        var (one, two) = (await AgentAsync(ada), await AgentAsync(boss, "supervisor"));
        var id = await RaiseAsync();
        await _server.PostAsync($"/v1/alerts/{id}/claim", "{}", one);
        await _server.PostAsync($"/v1/alerts/{id}/notes", """{"text":"No answer."}""", one);
        await _server.PostAsync($"/v1/alerts/{id}/assign", $$"""{"agent":"{{boss}}"}""", one);
        Assert.Equal(409, (await _server.PostAsync($"/v1/alerts/{id}/release", "{}", one)).Status);
        await _server.PostAsync($"/v1/alerts/{id}/resolve", """{"outcome":"reached"}""", two);

        var steps = (await _server.GetAsync($"/v1/alerts/{id}/history", one)).Json["items"].EnumerateArray().ToArray();
        Assert.Equal(["raised", "claimed", "noted", "assigned", "resolved"], steps.Select(s => Text(s, "action")));
        Assert.Equal([null, ada, ada, ada, boss], steps.Select(s => s.GetProperty("by").GetString()));
        Assert.Equal(["default", null, "No answer.", boss, "reached"], steps.Select(s => s.GetProperty("detail").GetString()));
        Assert.Equal((404, "alert_not_found"), Of(await _server.GetAsync("/v1/alerts/0-99999-0/history", one)));
    }

    [Fact]
    public async Task Alerts_that_are_over_are_listed_newest_first_and_page_by_page()
    {
        var one = await AgentAsync(NewAddress("ada"));
        var over = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            over.Insert(0, await RaiseAsync());
            await _server.PostAsync($"/v1/alerts/{over[0]}/resolve", $$"""{"outcome":"over {{i}}"}""", one);
        }

        // The desk hears of the end a moment after the agent.
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        string[] listed;
        while ((listed = await OverAsync("resolved")).Intersect(over).Count() < over.Count)
            await Task.Delay(20, deadline.Token);

        Assert.Equal(over, listed.Where(over.Contains));
        Assert.Equal(over, (await OverAsync("resolved", 2)).Where(over.Contains));
        Assert.Empty((await OverAsync("withdrawn")).Intersect(over));
        Assert.Empty((await FindAsync("status=open", one)).Intersect(over));
        Assert.Empty(await OverAsync("resolved&q=nobody-of-that-name"));
        Assert.Equal((400, "invalid_status"), Of(await _server.GetAsync("/v1/desks/default/alerts?status=finished", one)));

        async Task<string[]> OverAsync(string status, int limit = 500) =>
            [.. (await _server.ListAsync($"/v1/desks/default/alerts?status={status}&limit={limit}", "after", one)).Select(a => Text(a, "id"))];
    }

    [Fact]
    public async Task Command_for_many_alerts_is_judged_for_each()
    {
        var (one, two) = (await AgentAsync(NewAddress("ada")), await AgentAsync(NewAddress("ben")));
        var (free, taken) = (await RaiseAsync(), await RaiseAsync());
        await _server.PostAsync($"/v1/alerts/{taken}/claim", "{}", two);

        var answer = await _server.PostAsync("/v1/alerts/bulk", JsonSerializer.Serialize(new { action = "claim", alerts = new[] { free, taken, "0-99999-0", free } }), one);
        Assert.Equal([(free, null), (taken, "already_claimed"), ("0-99999-0", "not_found")],
            answer.Json["items"].EnumerateArray().Select(i => (Text(i, "id"), i.GetProperty("code").GetString())));
        Assert.Equal("claimed", Text((await _server.GetAsync("/v1/alerts/" + free)).Element, "status"));
        foreach (var body in new[] { "{}", """{"action":"burn","alerts":["0-1-0"]}""", """{"action":"claim","alerts":[]}""" })
            Assert.Equal((400, "invalid_shape"), Of(await _server.PostAsync("/v1/alerts/bulk", body, one)));
    }

    [Fact]
    public async Task Owner_stands_in_profile_and_alerts_and_finds_the_desk_s_alerts()
    {
        var ada = NewAddress("ada");
        var (one, boss) = (await AgentAsync(ada), await AgentAsync(NewAddress("boss"), "supervisor"));
        var user = Events.NewCustomer();
        var id = await AlertsAtDesk.RaiseAsync(_server, user);
        Assert.Equal(JsonValueKind.Null, (await _server.GetAsync("/v1/alerts/" + id)).Json["owner"].ValueKind);

        Assert.Equal(403, (await PutOwnerAsync(user, ada, one)).Status);
        Assert.Equal((422, "agent_not_found"), Of(await PutOwnerAsync(user, "nobody@shop.example", boss)));
        Assert.Equal((404, "customer_not_found"), Of(await PutOwnerAsync("nobody", ada, boss)));
        Assert.Equal(ada, Text((await PutOwnerAsync(user, ada.ToUpperInvariant(), boss)).Element, "owner"));

        Assert.Equal(ada, Text((await _server.GetAsync("/v1/customers/" + user, one)).Element, "owner"));
        Assert.Equal(ada, Text((await _server.GetAsync("/v1/alerts/" + id, one)).Element, "owner"));
        Assert.Equal((string[])[id], await FindAsync("owner=me", one, count: 1));
        Assert.Equal((string[])[id], await FindAsync("owner=" + ada + "&claimedBy=none&kind=churn_risk", TestServer.ApiKey, count: 1));
        Assert.Empty(await FindAsync("owner=me&claimedBy=me", one, count: 0));
        Assert.DoesNotContain(id, await FindAsync("owner=none&limit=500", one));
        Assert.Equal(400, (await _server.GetAsync("/v1/desks/default/alerts?owner=me")).Status);
        Assert.True((await _server.GetAsync($"/v1/alerts/{id}/explanation")).Json["matches"].GetBoolean());
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!(await _server.GetAsync("/v1/customers?owner=me", one)).Body.Contains(user))
            await Task.Delay(100, deadline.Token);
        Assert.DoesNotContain(user, (await _server.GetAsync("/v1/customers?owner=me", boss)).Body);
        Assert.Equal(JsonValueKind.Null, (await PutOwnerAsync(user, null, TestServer.ApiKey)).Json["owner"].ValueKind);
    }

    [NodeFact]
    public async Task Agents_see_who_is_there_and_who_has_gone()
    {
        var (ada, ben) = (NewAddress("ada"), NewAddress("ben"));
        await using var one = await ConnectAsync(ada);
        await using (var two = await ConnectAsync(ben))
        {
            await one.NextToldAsync("PresenceChanged", m => StateOf(m, ben) == "online");
            Assert.Equal(ben, Text(await two.InvokeAsync("SetPresence", "busy"), "agent"));
            await one.NextToldAsync("PresenceChanged", m => StateOf(m, ben) == "busy");
            Assert.StartsWith("invalid_value", await RefusalAsync(two, "SetPresence", "asleep"));
            var all = await one.InvokeAsync("Presence");
            Assert.Equal(("online", "busy"), (StateOf(all, ada), StateOf(all, ben)));
            Assert.Contains(ben, (await _server.GetAsync("/v1/presence")).Body);
        }

        await one.NextToldAsync("PresenceChanged", m => StateOf(m, ben) == "offline");
        Assert.Null(StateOf(await one.InvokeAsync("Presence"), ben));
    }

    [NodeFact]
    public async Task Two_agents_at_one_alert_hear_of_each_other()
    {
        var (ada, ben) = (NewAddress("ada"), NewAddress("ben"));
        await using var one = await ConnectAsync(ada);
        await using var two = await ConnectAsync(ben);

        Assert.Equal([ada], LookersOf(await one.InvokeAsync("Looking", "0-7-0")));
        await two.InvokeAsync("Looking", "0-7-0");
        Assert.Equal([ada, ben], LookersOf(await one.NextToldAsync("LookersChanged", m => LookersOf(m).Contains(ben))).Order());
        await two.InvokeAsync("Looking", (object?)null);
        Assert.Equal([ada], LookersOf(await one.NextToldAsync("LookersChanged", m => !LookersOf(m).Contains(ben))));
        Assert.StartsWith("not_found", await RefusalAsync(two, "Looking", "all"));
    }

    [Fact]
    public async Task Slow_client_is_cut_off_and_others_and_the_server_go_on()
    {
        const int Rounds = 25;
        var (slow, quick) = (NewAddress("slow"), NewAddress("quick"));
        var desk = "desk" + Guid.NewGuid().ToString("N")[..8];
        await using var stuck = await HubSocket.ConnectAsync(_server.Address, await AgentAsync(slow));
        await using var reader = await HubSocket.ConnectAsync(_server.Address, await AgentAsync(quick));
        await stuck.InvokeAsync("Subscribe", [desk, null]);
        await reader.InvokeAsync("Subscribe", [desk, null]);

        // More than the network holds for a client that reads nothing.
        var grain = _server.Engine.Services.GetRequiredService<IGrainFactory>().GetGrain<IDeskGrain>("default/" + desk);
        var alert = JsonSerializer.SerializeToUtf8Bytes(new { id = "0-1-0", desk, title = new string('x', 100_000) });
        var received = 0L;
        for (var round = 0; round < Rounds; round++)
        {
            var from = round * 10;
            await grain.RecordAsync(0, [.. Enumerable.Range(from, 10).Select(n => new Outgoing(n, 0, "default/" + desk, $"0-{n}-0", false, 1, alert))]);
            received = await reader.ReadSequenceAsync(from + 10);
        }

        Assert.Equal(Rounds * 10, received);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await _server.GetAsync("/v1/presence")).Body.Contains(slow))
            await Task.Delay(50, deadline.Token);

        // Back again, it is told what it missed, or gets the list.
        await using var back = await HubSocket.ConnectAsync(_server.Address, await _server.SignInAsync(slow, AgentPassword));
        using var view = JsonDocument.Parse(await back.InvokeAsync("Subscribe", [desk, Rounds * 10 - 5]));
        Assert.Equal(5, view.RootElement.GetProperty("result").GetProperty("changes").GetArrayLength());
        Assert.Contains(quick, (await _server.GetAsync("/v1/presence")).Body);
    }

    private Task<Answer> PutOwnerAsync(string user, string? owner, string key) =>
        _server.SendAsync(HttpMethod.Put, $"/v1/customers/{user}/owner", key, JsonSerializer.Serialize(new { owner }));

    /// <summary>Desks hear of a change after it was answered.</summary>
    private async Task<string[]> FindAsync(string query, string key, int? count = null)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var found = (await _server.GetAsync("/v1/desks/default/alerts?" + query, key)).Json["items"].EnumerateArray().Select(a => Text(a, "id")).ToArray();
            if (count is null || found.Length == count)
                return found;
            await Task.Delay(20, deadline.Token);
        }
    }

    private static string[] LookersOf(JsonElement message) => [.. message.GetProperty("agents").EnumerateArray().Select(a => a.GetString()!)];

    private static string? StateOf(JsonElement message, string agent) =>
        message.GetProperty("agents").EnumerateArray().Where(a => Text(a, "agent") == agent).Select(a => Text(a, "state")).LastOrDefault();

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Code);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string NewAddress(string name) => $"{name}.{Guid.NewGuid():N}@shop.example";

    private static async Task<string> RefusalAsync(HubClient agent, string method, params object?[] arguments)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => agent.InvokeAsync(method, arguments));
        return refusal.Message[(refusal.Message.IndexOf("HubException: ", StringComparison.Ordinal) + "HubException: ".Length)..];
    }

    /// <summary>The alert as pushed when it comes to this status, after it has been in another one where that is asked.</summary>
    private static async Task<JsonElement> NextOfAsync(HubClient agent, string id, string status, string? after = null)
    {
        var seen = after is null;
        while (true)
        {
            foreach (var change in (await agent.NextPushAsync()).GetProperty("changes").EnumerateArray())
            {
                var alert = change.GetProperty("alert");
                if (Text(alert, "id") != id)
                    continue;
                if (seen && Text(alert, "status") == status)
                    return alert;
                seen |= Text(alert, "status") == after;
            }
        }
    }

    /// <summary>For a short time; for a longer one when that is over before the hub hears of it.</summary>
    private static async Task<(DateTimeOffset Until, JsonElement Snoozed)> SnoozeAsync(HubClient agent, string id)
    {
        for (var seconds = 2; ; seconds *= 2)
        {
            var until = DateTimeOffset.UtcNow.AddSeconds(seconds);
            try
            {
                return (until, await agent.InvokeAsync("Snooze", id, until.ToString("O", CultureInfo.InvariantCulture)));
            }
            catch (InvalidOperationException refusal) when (refusal.Message.Contains("invalid_value", StringComparison.Ordinal) && until < DateTimeOffset.UtcNow)
            {
                // A busy machine was slower.
            }
        }
    }

    private async Task<string> RaiseAsync() => await AlertsAtDesk.RaiseAsync(_server);

    private async Task<string> AgentAsync(string email, string role = "agent")
    {
        await _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password = AgentPassword, role }), TestServer.ApiKey);
        return await _server.SignInAsync(email, AgentPassword);
    }

    private async Task<HubClient> ConnectAsync(string? email = null) =>
        await HubClient.ConnectAsync(_server.Address, await AgentAsync(email ?? NewAddress("agent")));

    public sealed class Desk : IAsyncLifetime
    {
        internal TestServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await TestServer.StartAsync(configure: o =>
        {
            o.Partition.WakeQuiet = TimeSpan.FromMilliseconds(100);
            o.Presence.OfflineAfter = TimeSpan.FromMilliseconds(100);
        });

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
