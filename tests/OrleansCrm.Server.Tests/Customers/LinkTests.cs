using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Customers;

public sealed class LinkTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Visitor_who_signs_in_is_found_by_every_id()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Order(visitor, "o1-" + visitor, 60));

        var answer = await _server.PostAsync("/v1/identify", $$$"""{"userId":"{{{user}}}","anonymousId":"{{{visitor}}}","traits":{"name":"Ada"}}""", TestServer.WriteKey);

        Assert.Equal((200, 1), (answer.Status, answer.Json["accepted"].GetInt32()));
        Assert.False(answer.Json.ContainsKey("linking"));
        foreach (var path in new[] { user, "user:" + user, visitor, "anonymous:" + visitor })
        {
            var profile = await _server.GetAsync("/v1/customers/" + path);
            Assert.Equal((200, user), (profile.Status, profile.Json["id"].GetString()));
            Assert.Equal(["user:" + user, "anonymous:" + visitor], profile.Json["identities"].EnumerateArray().Select(i => i.GetString()));
            Assert.Equal(1, profile.Json["value"].GetProperty("orders").GetInt32());
            Assert.Equal(60, profile.Json["loyalty"].GetProperty("balance").GetInt32());
            Assert.Equal(200, (await _server.GetAsync($"/v1/customers/{path}/timeline")).Status);
        }

        Assert.Equal(404, (await _server.GetAsync("/v1/customers/user:" + visitor)).Status);
    }

    [Fact]
    public async Task Alias_links_and_late_events_follow()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Order(visitor, "o1-" + visitor, 10));

        await _server.PostAsync("/v1/alias", $$"""{"userId":"{{user}}","previousId":"{{visitor}}"}""", TestServer.WriteKey);
        await _server.IngestAsync(Order(visitor, "o2-" + visitor, 5));

        var profile = await _server.GetAsync("/v1/customers/" + user);
        Assert.Equal(2, profile.Json["value"].GetProperty("orders").GetInt32());
        Assert.Equal(15, profile.Json["loyalty"].GetProperty("balance").GetInt32());
    }

    [Fact]
    public async Task Id_that_is_taken_stays_where_it_is_and_the_answer_says_so()
    {
        var (user, other, visitor) = (Events.NewCustomer(), Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(SignIn(user, visitor));

        var answer = await _server.IngestAsync(SignIn(user, visitor), SignIn(other, visitor));

        Assert.Equal((200, 2), (answer.Status, answer.Json["accepted"].GetInt32()));
        var unlinked = Assert.Single(answer.Json["unlinked"].EnumerateArray());
        Assert.Equal((1, "already_linked"), (unlinked.GetProperty("index").GetInt32(), unlinked.GetProperty("code").GetString()));
        Assert.Equal(user, (await _server.GetAsync("/v1/customers/" + visitor)).Json["id"].GetString());
    }

    private static string SignIn(string user, string visitor) => $$"""{"type":"page","userId":"{{user}}","anonymousId":"{{visitor}}"}""";

    private static string Order(string visitor, string order, int revenue) =>
        $$$"""{"type":"track","anonymousId":"{{{visitor}}}","event":"Order Completed","properties":{"order_id":"{{{order}}}","revenue":{{{revenue}}},"currency":"EUR"}}""";
}
