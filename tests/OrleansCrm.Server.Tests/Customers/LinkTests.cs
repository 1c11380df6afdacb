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
    public async Task Late_event_that_the_user_cannot_take_is_refused_and_kept()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        string Refund(int i) => $$"""{"type":"track","anonymousId":"{{visitor}}","messageId":"r{{i}}","event":"Order Refunded","properties":{"order_id":"{{visitor}}-{{i}}","refund_id":"r{{i}}","amount":1} }""";
        await _server.IngestAsync([.. Enumerable.Range(0, 1_000).Select(Refund)]);
        await _server.IngestAsync(SignIn(user, visitor));

        var answer = await _server.IngestAsync(Refund(1_000), $$"""{"type":"page","anonymousId":"{{visitor}}"}""");

        Assert.Equal((200, 1), (answer.Status, answer.Json["accepted"].GetInt32()));
        var rejected = Assert.Single(answer.Json["rejected"].EnumerateArray());
        Assert.Equal((0, "faulted"), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("code").GetString()));
        var kept = (await _server.GetAsync("/v1/quarantine?code=faulted")).Json["items"].EnumerateArray();
        Assert.Contains(kept, item => item.GetProperty("raw").GetString() == Refund(1_000));
    }

    [Fact]
    public async Task Export_names_entries_by_the_places_where_they_stand()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync([.. Enumerable.Range(0, 3).Select(i => Events.Track(user, $"{user}-{i}")), Order(visitor, "o1-" + visitor, 10)]);
        await _server.IngestAsync(SignIn(user, visitor), Events.Order(user, "o2-" + user, 5));

        var export = (await _server.GetAsync($"/v1/customers/{user}/export")).Json;

        var orders = export["entries"].EnumerateArray()
            .Where(e => e.GetProperty("event").GetString() == "Order Completed").Select(e => e.GetProperty("id").GetString()!);
        Assert.Equal(
            orders.Order(StringComparer.Ordinal),
            export["customer"].GetProperty("orders").EnumerateArray().Select(o => o.GetProperty("entry").GetString()!).Order(StringComparer.Ordinal));
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

    [Fact]
    public async Task Timeline_tells_of_every_id_page_by_page_and_of_each_event_once()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        for (var i = 0; i < 5; i++)
            await _server.IngestAsync(Event("anonymousId", visitor, $"Before {i}"), Event("userId", user, $"Known {i}"));
        await _server.IngestAsync(SignIn(user, visitor));
        for (var i = 0; i < 5; i++)
        {
            await _server.IngestAsync(Event("anonymousId", visitor, $"Late {i}"));
            await _server.IngestAsync(Event("userId", user, $"After {i}"));
        }

        var told = (await _server.ListAsync($"/v1/customers/{visitor}/timeline?limit=3", "before"))
            .Select(i => i.GetProperty("event").GetString() ?? i.GetProperty("type").GetString()!).ToArray();

        // Two partitions may record within one millisecond, so only what one of them recorded has an order for certain.
        Assert.Equal(23, told.Length);
        foreach (var name in new[] { "Late", "After", "Known", "Before" })
            Assert.Equal(Enumerable.Range(0, 5).Reverse().Select(i => $"{name} {i}"), told.Where(e => e.StartsWith(name, StringComparison.Ordinal)));
        Assert.Equal(["identity.claim", "identity.handover", "page"], told.Where(e => !char.IsAsciiDigit(e[^1])).Order());
    }

    [Fact]
    public async Task Administrator_merges_a_customer_into_the_one_who_survives()
    {
        var (survivor, other, visitor) = (Events.NewCustomer(), Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Events.Order(survivor, "o1-" + survivor, 10), Events.Order(other, "o2-" + other, 20), SignIn(other, visitor));

        var merged = await MergeAsync(other, survivor);
        await _server.IngestAsync(Events.Order(other, "o3-" + other, 30), Order(visitor, "o4-" + visitor, 40));

        Assert.Equal((200, "merged"), (merged.Status, merged.Json["status"].GetString()));
        foreach (var id in new[] { survivor, other, visitor })
        {
            var profile = await _server.GetAsync("/v1/customers/" + id);
            Assert.Equal((survivor, 4), (profile.Json["id"].GetString(), profile.Json["value"].GetProperty("orders").GetInt32()));
            Assert.Equal(100, profile.Json["loyalty"].GetProperty("balance").GetInt32());
        }

        Assert.Equal(200, (await MergeAsync(other, survivor)).Status);
        Assert.Equal((409, "already_linked"), Refusal(await MergeAsync(survivor, other)));
    }

    [Fact]
    public async Task Merge_that_cannot_be_is_refused_with_its_code()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Events.Track(user), Order(visitor, "o-" + visitor, 5));

        Assert.Equal((404, "customer_not_found"), Refusal(await MergeAsync(user, Events.NewCustomer())));
        Assert.Equal((404, "customer_not_found"), Refusal(await MergeAsync(Events.NewCustomer(), user)));
        Assert.Equal((409, "same_customer"), Refusal(await MergeAsync(user, user)));
        Assert.Equal((422, "survivor_is_anonymous"), Refusal(await MergeAsync(user, visitor)));
        Assert.Equal((400, "invalid_customer_id"), Refusal(await MergeAsync(user, " ")));
        Assert.Equal(401, (await _server.PostAsync($"/v1/customers/{user}/merge", "{}", null)).Status);
        Assert.Equal(200, (await MergeAsync(visitor, user)).Status);
    }

    private Task<Answer> MergeAsync(string other, string into) =>
        _server.PostAsync($"/v1/customers/{other}/merge", $$"""{"into":"{{into}}"}""", TestServer.ApiKey);

    private static (int, string) Refusal(Answer answer) => (answer.Status, answer.Code);

    private static string Event(string kind, string id, string name) => $$"""{"type":"track","{{kind}}":"{{id}}","event":"{{name}}"}""";

    private static string SignIn(string user, string visitor) => $$"""{"type":"page","userId":"{{user}}","anonymousId":"{{visitor}}"}""";

    private static string Order(string visitor, string order, int revenue) =>
        $$$"""{"type":"track","anonymousId":"{{{visitor}}}","event":"Order Completed","properties":{"order_id":"{{{order}}}","revenue":{{{revenue}}},"currency":"EUR"}}""";
}
