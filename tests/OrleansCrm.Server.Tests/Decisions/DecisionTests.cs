using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Decisions;

/// <summary>A server that gives decisions time: what is asked here is not how fast a busy machine is.</summary>
public sealed class PatientServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync(configure: o => o.Decisions.Budget = TimeSpan.FromSeconds(10));

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

public sealed class DecisionTests(PatientServer fixture) : IClassFixture<PatientServer>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Somebody_new_gets_an_answer_and_is_not_seen_by_it()
    {
        var nobody = Events.NewCustomer();

        var decided = await DecideAsync(nobody, "");
        var anonymous = await DecideAsync("anonymous:" + nobody, """{"placement":"home","cart":{"total":12.5,"currency":"EUR"}}""");

        Assert.Equal(200, decided.Status);
        Assert.Equal("checkout", decided.Json["placement"].GetString());
        Assert.Equal(0, decided.Json["redemption"].GetProperty("maxPoints").GetInt64());
        Assert.False(decided.Json["degraded"].GetBoolean());
        Assert.Equal(12, anonymous.Json["tentativePoints"].GetInt64());
        Assert.Equal(404, (await _server.GetAsync("/v1/customers/" + nobody)).Status);
        Assert.Equal(200, (await _server.GetAsync("/v1/decisions/" + decided.Json["decisionId"].GetString())).Status);

        await _server.IngestAsync(Events.Order(nobody, "o-" + nobody, 20));
        Assert.Equal(1, (await _server.GetAsync("/v1/customers/" + nobody)).Json["events"].GetInt64());
    }

    [Fact]
    public async Task Decision_sees_the_events_that_come_with_it()
    {
        var customer = Events.NewCustomer();
        var order = """{"type":"track","event":"Order Completed","messageId":"m1","properties":{"order_id":"o1","revenue":80,"currency":"EUR"}}""";
        var others = """{"type":"track","event":"Product Viewed","userId":"somebody-else"}""";

        var decided = await DecideAsync(customer, $$$"""{"events":[{{{order}}},{{{others}}}],"cart":{"currency":"EUR","items":[{"sku":"a","quantity":2,"price":25}]}}""");
        var again = await DecideAsync(customer, $$"""{"events":[{{order}}]}""");

        var events = decided.Json["events"];
        Assert.Equal(("done", 1, "other_customer"), (events.GetProperty("status").GetString(), events.GetProperty("accepted").GetInt32(), events.GetProperty("rejected")[0].GetProperty("code").GetString()));
        Assert.Equal(80, decided.Json["redemption"].GetProperty("maxPoints").GetInt64());
        Assert.Equal(0.8m, decided.Json["redemption"].GetProperty("value").GetProperty("amount").GetDecimal());
        Assert.Equal(50, decided.Json["tentativePoints"].GetInt64());
        Assert.Equal(1, again.Json["events"].GetProperty("duplicate").GetInt32());
        Assert.Equal(404, (await _server.GetAsync("/v1/customers/somebody-else")).Status);
    }

    [Fact]
    public async Task Decision_is_told_later_and_the_journal_gives_the_same()
    {
        var customer = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(customer, "o-" + customer, 33));
        var decided = await DecideAsync(customer, """{"placement":"cart","cart":{"currency":"EUR","total":10,"items":[{"sku":"a","price":10}]},"limit":5}""");
        var id = decided.Json["decisionId"].GetString();
        await _server.IngestAsync(Events.Order(customer, "p-" + customer, 44));

        var told = await _server.GetAsync("/v1/decisions/" + id);
        var timeline = await _server.GetAsync($"/v1/customers/{customer}/timeline");

        Assert.Equal(("same", customer), (told.Json["recomputed"].GetString(), told.Json["customerId"].GetString()));
        Assert.Equal(decided.Body, told.Json["decision"].GetRawText());
        Assert.Contains("decision.made", timeline.Json["items"].EnumerateArray().Select(i => i.GetProperty("type").GetString()));
        Assert.Equal(404, (await _server.GetAsync("/v1/decisions/" + id, await _server.NewTenantAsync())).Status);
        Assert.Equal(404, (await _server.GetAsync("/v1/decisions/0-0-0000000000000000")).Status);
        Assert.Equal(404, (await _server.GetAsync("/v1/decisions/nonsense")).Status);
    }

    [Fact]
    public async Task Tentative_points_are_what_the_order_earns()
    {
        var customer = Events.NewCustomer();
        var decided = await DecideAsync(customer, """{"cart":{"currency":"EUR","total":27.9}}""");

        await _server.IngestAsync(Events.Order(customer, "o-" + customer, 27.9m));

        var profile = await _server.GetAsync("/v1/customers/" + customer);
        Assert.Equal(decided.Json["tentativePoints"].GetInt64(), profile.Json["loyalty"].GetProperty("balance").GetInt64());
    }

    [Fact]
    public async Task Erased_customer_is_gone()
    {
        var customer = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(customer, "o-" + customer, 33));
        var id = (await DecideAsync(customer, "{}")).Json["decisionId"].GetString();
        await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + customer, TestServer.ApiKey);

        var decided = await DecideAsync(customer, "{}");

        Assert.Equal((410, "erased"), (decided.Status, decided.Code));
        Assert.Equal(404, (await _server.GetAsync("/v1/decisions/" + id)).Status);
    }

    [Fact]
    public async Task Linked_visitor_is_answered_as_the_customer()
    {
        var customer = Events.NewCustomer();
        await _server.IngestAsync(
            Events.Order(customer, "o-" + customer, 70), JsonSerializer.Serialize(new { type = "identify", userId = customer, anonymousId = "v-" + customer }));

        var decided = await DecideAsync("anonymous:v-" + customer, "{}");

        Assert.Equal(70, decided.Json["redemption"].GetProperty("maxPoints").GetInt64());
    }

    [Fact]
    public async Task Customers_own_page_asks_for_that_customer_and_proves_no_order()
    {
        var customer = Events.NewCustomer();
        var token = (await _server.PostAsync($"/v1/customers/{customer}/tokens", """{"scopes":["decisions"]}""", TestServer.ApiKey)).Json["token"].GetString();
        var order = """{"type":"track","event":"Order Completed","properties":{"order_id":"o1","revenue":80,"currency":"EUR"}}""";

        var decided = await _server.PostAsync($"/v1/customers/{customer}/decisions", $$"""{"events":[{{order}}]}""", token);
        var others = await _server.PostAsync($"/v1/customers/{Events.NewCustomer()}/decisions", "{}", token);

        Assert.Equal((200, 1), (decided.Status, decided.Json["events"].GetProperty("accepted").GetInt32()));
        Assert.Equal(0, decided.Json["redemption"].GetProperty("maxPoints").GetInt64());
        Assert.Equal("*", decided.Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("total;dur=", decided.Headers["Server-Timing"]);
        Assert.Equal((403, "forbidden"), (others.Status, others.Code));
        Assert.Equal(200, (await _server.GetAsync("/v1/decisions/" + decided.Json["decisionId"].GetString(), token)).Status);
    }

    [Theory]
    [InlineData("[]", "object")]
    [InlineData("""{"placement":"somewhere"}""", "placement")]
    [InlineData("""{"limit":0}""", "limit")]
    [InlineData("""{"cart":{"currency":"Euro"}}""", "cart.currency")]
    [InlineData("""{"cart":{"total":-1}}""", "cart.total")]
    [InlineData("""{"cart":{"items":[{"quantity":1}]}}""", "cart.items[0].sku")]
    [InlineData("""{"cart":{"items":[{"sku":"a","quantity":1e9,"price":1e9}]}}""", "cart.items")]
    [InlineData("""{"events":{}}""", "events")]
    public async Task Question_that_cannot_be_meant_is_named(string body, string named)
    {
        var decided = await DecideAsync(Events.NewCustomer(), body);

        Assert.Equal((400, "invalid_decision"), (decided.Status, decided.Code));
        Assert.Contains(named, decided.Json["detail"].GetString());
    }

    [Theory]
    [InlineData("""{"placement":"after-purchase","limit":null}""", "after_purchase")]
    [InlineData("""{"placement":"win-back","cart":null,"coupons":null,"events":null}""", "win_back")]
    [InlineData("""{"placement":null}""", "checkout")]
    public async Task Question_may_leave_out_what_it_does_not_know_and_spell_its_place_either_way(string body, string placement)
    {
        var decided = await DecideAsync(Events.NewCustomer(), body);

        Assert.Equal((200, placement), (decided.Status, decided.Json["placement"].GetString()));
    }

    private Task<Answer> DecideAsync(string customer, string body) => _server.PostAsync($"/v1/customers/{customer}/decisions", body, TestServer.ApiKey);
}
