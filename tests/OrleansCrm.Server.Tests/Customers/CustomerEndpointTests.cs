using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Customers;

public sealed class CustomerEndpointTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Whoever_was_answered_sees_what_was_sent()
    {
        var senders = Enumerable.Range(0, 20).Select(async _ =>
        {
            var user = Events.NewCustomer();
            for (var i = 1; i <= 10; i++)
            {
                Assert.Equal(200, (await _server.IngestAsync(Events.Order(user, $"{user}-{i}", 10))).Status);
                var profile = await _server.GetAsync("/v1/customers/" + user);
                Assert.Equal(i, profile.Json["value"].GetProperty("orders").GetInt32());
                Assert.Equal(10 * i, profile.Json["loyalty"].GetProperty("balance").GetInt32());
            }
        });

        await Task.WhenAll(senders);
    }

    [Fact]
    public async Task Answer_that_has_not_changed_is_not_sent_again()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(user));
        var first = await _server.GetAsync("/v1/customers/" + user);

        var second = await GetAsync(user, first.Headers["ETag"]);
        await _server.IngestAsync(Events.Track(user));
        var third = await GetAsync(user, first.Headers["ETag"]);
        var any = await GetAsync(user, "\"other\", W/" + third.Headers["ETag"]);

        // A minute may begin between the first and the second.
        Assert.True(second.Status == 304 || second.Headers["ETag"] != first.Headers["ETag"]);
        Assert.Equal(200, third.Status);
        Assert.StartsWith("\"2-", third.Headers["ETag"]);
        Assert.Equal(["no-store", "private"], third.Headers["Cache-Control"].Split(", ").Order());
        Assert.True(any.Status == 304 || any.Headers["ETag"] != third.Headers["ETag"]);
    }

    [Theory]
    [InlineData("/v1/customers/nobody", 404, "customer_not_found")]
    [InlineData("/v1/customers/user:nobody", 404, "customer_not_found")]
    [InlineData("/v1/customers/nobody/timeline", 404, "customer_not_found")]
    [InlineData("/v1/customers/%20", 400, "invalid_customer_id")]
    [InlineData("/v1/customers/user:", 400, "invalid_customer_id")]
    [InlineData("/v1/customers/a%01b", 400, "invalid_customer_id")]
    [InlineData("/v1/customers/x/timeline?limit=0", 400, "invalid_limit")]
    [InlineData("/v1/customers/x/timeline?limit=501", 400, "invalid_limit")]
    [InlineData("/v1/customers/x/timeline?limit=ten", 400, "invalid_limit")]
    [InlineData("/v1/customers/x/timeline?before=here", 400, "invalid_cursor")]
    public async Task What_cannot_be_answered_has_its_code(string path, int status, string code)
    {
        var answer = await _server.GetAsync(path);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("a%2Fb", "a%252Fb")]
    [InlineData("ü 1+1?&#", "%C3%BC%201+1%3F%26%23")]
    [InlineData("user:x", "user:user:x")]
    [InlineData("..", "user:..")]
    public async Task Any_id_can_be_asked_for(string id, string inPath)
    {
        await _server.IngestAsync(Events.Track(id));

        var answer = await _server.GetAsync("/v1/customers/" + inPath);
        var timeline = await _server.GetAsync($"/v1/customers/{inPath}/timeline");

        Assert.Equal((200, 200), (answer.Status, timeline.Status));
        Assert.Equal(id, answer.Json["id"].GetString());
    }

    [Fact]
    public async Task Id_is_tried_as_user_and_then_as_anonymous_unless_it_says()
    {
        var id = Events.NewCustomer();
        await _server.IngestAsync($"{{\"type\":\"page\",\"anonymousId\":\"{id}\"}}");

        Assert.Equal(200, (await _server.GetAsync("/v1/customers/" + id)).Status);
        Assert.Equal(200, (await _server.GetAsync("/v1/customers/anonymous:" + id)).Status);
        Assert.Equal(404, (await _server.GetAsync("/v1/customers/user:" + id)).Status);
    }

    [Fact]
    public async Task Timeline_goes_back_page_by_page_and_loses_nothing()
    {
        var user = Events.NewCustomer();
        for (var i = 0; i < 23; i += 4)
            await _server.IngestAsync([.. Enumerable.Range(i, Math.Min(4, 23 - i)).Select(n => Events.Track(user, $"m-{n}", $"Event {n}"))]);

        var items = await _server.ListAsync($"/v1/customers/{user}/timeline?limit=5", "before");

        Assert.Equal(Enumerable.Range(0, 23).Reverse().Select(n => $"Event {n}"), items.Select(i => i.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task Timeline_says_what_each_entry_brought_about_before_and_after_it_is_stored()
    {
        await using var server = await TestServer.StartAsync();
        var user = Events.NewCustomer();
        await server.IngestAsync(Events.Track(user), Events.Order(user, user + "-1", 20), Events.Track(user), Events.Order(user, user + "-2", 5));
        await server.IngestAsync(Events.SilentCustomer(user + "-silent"));
        string[] expected = ["+5 points, phase bonding", "", "+20 points, phase purchase", "phase orientation"];

        Assert.Equal(expected, await OutcomesAsync(user));
        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        Assert.Equal(expected, await OutcomesAsync(user));
        await server.RestartAsync();
        Assert.Equal(expected, await OutcomesAsync(user));
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (!(await OutcomesAsync(user + "-silent")).Contains("phase recapture, alert raised churn_risk"))
            Assert.True(DateTime.UtcNow < deadline, "No alert was raised.");

        async Task<string[]> OutcomesAsync(string id) =>
        [
            .. (await server.GetAsync($"/v1/customers/{id}/timeline")).Json["items"].EnumerateArray()
                .Select(i => string.Join(", ", i.GetProperty("outcomes").EnumerateArray().Select(o => o.GetString()))),
        ];
    }

    private Task<Answer> GetAsync(string user, string etag) => _server.SendAsync(
        HttpMethod.Get, "/v1/customers/" + user, TestServer.ApiKey, null, request => request.Headers.TryAddWithoutValidation("If-None-Match", etag));
}
