using System.Globalization;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

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
        var until = DateTimeOffset.UtcNow.AddSeconds(2);

        var snoozed = await agent.InvokeAsync("Snooze", id, until.ToString("O", CultureInfo.InvariantCulture));
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
        Assert.Equal("snoozed", Text((await _server.PostAsync($"/v1/alerts/{id}/snooze", $$"""{"until":"{{until}}"}""", one)).Element, "status"));
        Assert.Equal((404, "agent_not_found"), Of(await _server.PostAsync($"/v1/alerts/{id}/assign", """{"agent":"nobody"}""", one)));
        Assert.Equal("resolved", Text((await _server.PostAsync($"/v1/alerts/{id}/resolve", """{"outcome":"reached"}""", one)).Element, "status"));
        Assert.Equal((409, "already_resolved"), Of(await _server.PostAsync($"/v1/alerts/{id}/notes", """{"text":"late"}""", one)));
    }

    [NodeFact]
    public async Task Agents_see_who_is_there_and_who_has_gone()
    {
        var (ada, ben) = (NewAddress("ada"), NewAddress("ben"));
        await using var one = await ConnectAsync(ada);
        await using (var two = await ConnectAsync(ben))
        {
            await one.NextToldAsync("PresenceChanged", m => StateOf(m, ben) == "online");
            Assert.Equal((ben, "busy"), (Text(await two.InvokeAsync("SetPresence", "busy"), "agent"), StateOf(await one.NextToldAsync("PresenceChanged", m => StateOf(m, ben) is not null), ben)));
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
