using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>What somebody can do who read a write key in a page.</summary>
public sealed class BrowserKeyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Forged_order_gives_the_thief_no_points_and_no_order()
    {
        var thief = Events.NewCustomer();

        var answer = await SendAsync(Events.Order(thief, thief + "-1", 10_000));

        Assert.Equal(1, answer.Json["accepted"].GetInt32());
        var profile = (await _server.GetAsync("/v1/customers/" + thief)).Json;
        Assert.Equal(0, profile["value"].GetProperty("orders").GetInt32());
        Assert.Equal(0, profile["loyalty"].GetProperty("balance").GetInt32());
        Assert.Empty(profile["value"].GetProperty("revenue").EnumerateObject());
        Assert.True(profile["recent"][0].GetProperty("unconfirmed").GetBoolean());
    }

    [Fact]
    public async Task Forged_refund_takes_nothing_from_a_rival()
    {
        var rival = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(rival, rival + "-1", 80));

        await SendAsync(
            $$"""{"type":"track","userId":"{{rival}}","event":"Order Refunded","properties":{"order_id":"{{rival}}-1","refund_id":"r","total":80} }""",
            $$"""{"type":"track","userId":"{{rival}}","event":"Order Cancelled","properties":{"order_id":"{{rival}}-1"} }""");

        var profile = (await _server.GetAsync("/v1/customers/" + rival)).Json;
        Assert.Equal((1, 80), (profile["value"].GetProperty("orders").GetInt32(), profile["loyalty"].GetProperty("balance").GetInt32()));
    }

    [Fact]
    public async Task Message_ids_of_browsers_are_no_repeats_of_the_servers()
    {
        var user = Events.NewCustomer();

        var claimed = await SendAsync(Events.Order(user, user + "-1", 30, "m-1"));
        var proved = await _server.IngestAsync(Events.Order(user, user + "-1", 30, "m-1"));
        var again = await SendAsync(Events.Order(user, user + "-1", 30, "m-1"));

        Assert.Equal([1, 1, 0], new[] { claimed, proved, again }.Select(a => a.Json["accepted"].GetInt32()));
        Assert.Equal(30, (await _server.GetAsync("/v1/customers/" + user)).Json["loyalty"].GetProperty("balance").GetInt32());
    }

    [Fact]
    public async Task Timeline_says_what_came_from_a_browser_and_keeps_it_as_sent()
    {
        var user = Events.NewCustomer();

        await SendAsync(Events.Order(user, user + "-1", 30));
        await _server.IngestAsync(Events.Order(user, user + "-1", 30));

        var items = (await _server.GetAsync($"/v1/customers/{user}/timeline")).Json["items"].EnumerateArray().ToArray();
        Assert.Equal(["track", "track"], items.Select(i => i.GetProperty("type").GetString()));
        Assert.False(items[0].TryGetProperty("origin", out _));
        Assert.Equal(("browser", true), (items[1].GetProperty("origin").GetString(), items[1].GetProperty("unconfirmed").GetBoolean()));
        Assert.Equal(items[0].GetProperty("payload").GetRawText(), items[1].GetProperty("payload").GetRawText());
    }

    [Theory]
    [InlineData("browser")]
    [InlineData("server")]
    public async Task No_write_key_can_say_that_an_event_belongs_to_an_import(string key)
    {
        var user = Events.NewCustomer();
        var forged = $$"""{"type":"track","userId":"{{user}}","event":"X","context":{"import":"orders"} }""";

        var answer = key == "browser" ? await SendAsync(forged) : await _server.IngestAsync(forged);
        var import = await _server.PostAsync("/v1/import", $"{{\"batch\":[{forged}]}}", TestServer.ApiKey);

        Assert.Equal("reserved_field", answer.Json["rejected"][0].GetProperty("code").GetString());
        Assert.Equal(1, import.Json["accepted"].GetInt32());
    }

    [Fact]
    public async Task Browser_key_opens_nothing_but_ingest()
    {
        var key = await _server.AddBrowserKeyAsync();

        Assert.Equal(401, (await _server.GetAsync("/v1/customers/x", key)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/keys", key)).Status);
    }

    private async Task<Answer> SendAsync(params string[] events) =>
        await _server.PostAsync("/v1/batch", $"{{\"batch\":[{string.Join(',', events)}]}}", await _server.AddBrowserKeyAsync());
}
