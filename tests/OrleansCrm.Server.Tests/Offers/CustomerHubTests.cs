using System.Diagnostics;
using System.Text.Json;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Offers;

/// <summary>A server whose program answers failed payments at once and left carts after an hour.</summary>
public sealed class TriggeringServer : IAsyncLifetime
{
    private const string Program = """
        {"offers":[{"id":"ten","kind":"percent","value":10,"title":"10% for you"}],
         "triggers":{"policies":[
           {"id":"pay-again","on":"payment_failed","frequency":{"times":0}},
           {"id":"cart-left","on":"cart_abandoned","frequency":{"times":0}}],"frequency":{"times":0}}}
        """;

    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await TestServer.StartAsync(configure: o =>
        {
            o.Decisions.Budget = TimeSpan.FromSeconds(10);
            o.OfferPush.CustomerConnectionsMax = 2;
        });
        Assert.Equal(200, (await Server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, Program)).Status);
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

public sealed class CustomerHubTests(TriggeringServer fixture) : IClassFixture<TriggeringServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TestServer _server = fixture.Server;

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Customer_hears_of_the_own_offer_once_and_of_its_end()
    {
        var (ada, bob) = (await NewcomerAsync(), await NewcomerAsync());
        await using var hers = await ConnectAsync(ada);
        await using var his = await ConnectAsync(bob);
        Assert.Equal(JsonValueKind.Null, (await NextAsync(hers)).ValueKind);
        Assert.Equal(JsonValueKind.Null, (await NextAsync(his)).ValueKind);

        var failed = Events.Track(ada, "f-" + ada, "Payment Failed");
        await _server.IngestAsync(failed);
        var offer = await NextAsync(hers);
        await _server.IngestAsync(failed, failed);
        await _server.IngestAsync(Events.Order(ada, "o-" + ada, 20));

        // The end comes next: a repeat of what was answered is answered by nothing.
        Assert.Equal(("pay-again", "ten"), (offer.GetProperty("trigger").GetString(), offer.GetProperty("offerId").GetString()));
        Assert.Equal(JsonValueKind.Null, (await NextAsync(hers)).ValueKind);
        await _server.IngestAsync(Events.Track(bob, "f-" + bob, "Payment Failed"));
        Assert.NotEqual(offer.GetProperty("decisionId").GetString(), (await NextAsync(his)).GetProperty("decisionId").GetString());
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Offer_stands_in_the_profile_and_the_journal_and_whoever_comes_back_is_told()
    {
        var ada = await NewcomerAsync();
        await _server.IngestAsync(Events.Track(ada, "p-" + ada, "Product Added", DateTimeOffset.UtcNow.AddMinutes(-61).ToString("o")));
        var offer = await OfferOfAsync(ada);

        await using var page = await ConnectAsync(ada);
        var told = await NextAsync(page);
        var decision = await _server.GetAsync("/v1/decisions/" + offer.GetProperty("decisionId").GetString());
        var timeline = await _server.GetAsync($"/v1/customers/{ada}/timeline");

        Assert.Equal("cart-left", offer.GetProperty("trigger").GetString());
        Assert.Equal(offer.GetRawText(), told.GetRawText());
        Assert.Equal(("same", ada), (decision.Json["recomputed"].GetString(), decision.Json["customerId"].GetString()));
        Assert.Equal("ten", decision.Json["decision"].GetProperty("offers")[0].GetProperty("offerId").GetString());
        Assert.Contains("decision.triggered", timeline.Body, StringComparison.Ordinal);

        // A page that came while the offer was on its way may hear of it twice.
        await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + ada, TestServer.ApiKey);
        await NothingAsync(page);
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Visitor_hears_of_the_own_offer_and_has_it_as_a_customer_after_signing_in()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(ByVisitor(visitor, "Consent Changed", new { purpose = "marketing", channel = "shop", granted = true }));
        var token = await TokenAsync("anonymous:" + visitor, TestServer.ApiKey);
        await using var page = await ConnectWithAsync(token);
        await NothingAsync(page);
        await _server.IngestAsync(ByVisitor(visitor, "Payment Failed"));
        var offer = (await page.NextToldAsync("NextBestOffer", o => o.ValueKind == JsonValueKind.Object)).GetRawText();

        await _server.PostAsync("/v1/identify", $$"""{"userId":"{{user}}","anonymousId":"{{visitor}}"}""", TestServer.WriteKey);

        await NothingAsync(page);
        Assert.Equal(offer, (await OfferOfAsync("user:" + user)).GetRawText());
        await using var again = await ConnectWithAsync(token);
        Assert.Equal(offer, (await NextAsync(again)).GetRawText());
        await _server.IngestAsync(Events.Order(user, "o-" + user, 20));
        await NothingAsync(again);
    }

    [Fact]
    public async Task Offer_outlives_the_process()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, (await _server.GetAsync("/v1/program")).Body);
        await server.IngestAsync(Granted("ada"), Events.Track("ada", "f", "Payment Failed"));
        var before = await OfferOfAsync("ada", server);

        await server.RestartAsync();

        Assert.Equal(before.GetRawText(), (await OfferOfAsync("ada", server)).GetRawText());
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task No_more_pages_of_a_customer_than_may_be()
    {
        var ada = await NewcomerAsync();
        await using var first = await ConnectAsync(ada);
        await using var second = await ConnectAsync(ada);
        await NextAsync(first);
        await NextAsync(second);

        Assert.Contains("too_many_connections", await RefusalAsync(ada));
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Page_is_cut_off_when_the_key_that_made_its_token_is_gone()
    {
        var ada = await NewcomerAsync();
        var made = await _server.PostAsync("/v1/keys", """{"kind":"api","scopes":["decide"]}""", TestServer.ApiKey);
        await using var page = await ConnectWithAsync(await TokenAsync("user:" + ada, made.Json["key"].GetString()!));
        await NextAsync(page);

        await _server.SendAsync(HttpMethod.Delete, "/v1/keys/" + made.Json["id"].GetString(), TestServer.ApiKey);

        await page.Closed;
    }

    private async Task<string> NewcomerAsync()
    {
        var customer = Events.NewCustomer();
        await _server.IngestAsync(Granted(customer));
        return customer;
    }

    private static string Granted(string customer) => JsonSerializer.Serialize(new
    {
        type = "track",
        userId = customer,
        @event = "Consent Changed",
        messageId = "consent-" + customer,
        timestamp = DateTimeOffset.UtcNow.AddHours(-2),
        properties = new { purpose = "marketing", channel = "shop", granted = true },
    });

    private static string ByVisitor(string visitor, string name, object? properties = null) => JsonSerializer.Serialize(new
    {
        type = "track",
        anonymousId = visitor,
        @event = name,
        messageId = name + visitor,
        properties = properties ?? new { },
    });

    private async Task<HubClient> ConnectAsync(string customer) => await ConnectWithAsync(await TokenAsync("user:" + customer, TestServer.ApiKey));

    private Task<HubClient> ConnectWithAsync(string token) => HubClient.ConnectAsync(_server.Address, token, hub: "/hubs/customer");

    /// <summary>Until the page is told that nothing is offered (any more).</summary>
    private static Task NothingAsync(HubClient page) => page.NextToldAsync("NextBestOffer", o => o.ValueKind == JsonValueKind.Null);

    /// <summary>The hub says it on an open connection, which the client has perhaps not called open yet.</summary>
    private async Task<string> RefusalAsync(string customer)
    {
        try
        {
            await using var page = await ConnectAsync(customer);
            return await page.Closed;
        }
        catch (InvalidOperationException refused)
        {
            return refused.Message;
        }
    }

    private async Task<string> TokenAsync(string customer, string key) =>
        (await _server.PostAsync($"/v1/customers/{customer}/tokens", """{"scopes":["decisions"]}""", key)).Json["token"].GetString()!;

    private static Task<JsonElement> NextAsync(HubClient page) => page.NextToldAsync("NextBestOffer", _ => true);

    private Task<JsonElement> OfferOfAsync(string customer) => OfferOfAsync(customer, _server);

    private static async Task<JsonElement> OfferOfAsync(string customer, TestServer server)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(20))
        {
            var offer = (await server.GetAsync("/v1/customers/" + customer)).Json["nextBestOffer"];
            if (offer.ValueKind != JsonValueKind.Null)
                return offer;
            Assert.True(waited.Elapsed < Patience, "nothing was offered");
        }
    }
}
