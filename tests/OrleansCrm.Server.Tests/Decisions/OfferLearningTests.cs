using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Decisions;

public sealed class OfferLearningTests
{
    [Fact]
    public async Task Offers_are_shown_journaled_learned_from_and_known_after_a_restart()
    {
        await using var server = await TestServer.StartAsync(configure: o =>
        {
            o.Decisions.Budget = TimeSpan.FromSeconds(10);
            o.Decisions.LearningPeriod = TimeSpan.FromMilliseconds(50);
            o.Partition.FlushAge = TimeSpan.FromMilliseconds(50);
        });
        var published = await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """
            {"offers":[{"id":"free-shipping","kind":"shipping","title":"Free shipping","value":4.9,"placements":["checkout"],"frequency":{"times":1,"days":7}},
             {"id":"sofa","title":"A sofa","cart":{"products":["sofa"]}}]}
            """);
        Assert.Equal(200, published.Status);
        var customer = Events.NewCustomer();

        var decided = await DecideAsync(server, customer);
        await server.IngestAsync(Events.Order(customer, "o-" + customer, 20));
        var told = await server.GetAsync("/v1/decisions/" + decided.Json["decisionId"].GetString());
        var later = await DecideAsync(server, customer);

        var offer = Assert.Single(decided.Json["offers"].EnumerateArray());
        Assert.Equal("""{"offerId":"free-shipping","kind":"shipping","title":"Free shipping","value":4.9,"score":1,"reasons":["likeliest_to_convert"]}""", offer.GetRawText());
        Assert.Equal(["cart"], ReasonsOf(decided, 1));
        Assert.Equal("same", told.Json["recomputed"].GetString());
        Assert.Equal(["frequency_cap"], ReasonsOf(later, 0));

        await UntilLearnedAsync(server);
        await server.RestartAsync();
        await UntilLearnedAsync(server);
        Assert.Equal(["frequency_cap"], ReasonsOf(await DecideAsync(server, customer), 0));
    }

    /// <summary>Somebody new is told what is known of the offer: one showing, one order.</summary>
    private static async Task UntilLearnedAsync(TestServer server)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var explained = Explained(await DecideAsync(server, Events.NewCustomer(), "cart-" + Guid.NewGuid()), 0);
            if (explained.TryGetProperty("conversions", out var conversions) && conversions.GetDouble() > 0.9)
                return;
            await Task.Delay(50, deadline.Token);
        }
    }

    private static JsonElement Explained(Answer decided, int place) => decided.Json["explanation"].GetProperty("offers")[place];

    private static string[] ReasonsOf(Answer decided, int place) =>
        [.. Explained(decided, place).GetProperty("reasons").EnumerateArray().Select(r => r.GetString()!)];

    private static Task<Answer> DecideAsync(TestServer server, string customer, string sku = "a") => server.PostAsync(
        $"/v1/customers/{customer}/decisions", $$$"""{"cart":{"currency":"EUR","items":[{"sku":"{{{sku}}}","price":20}]}}""", TestServer.ApiKey);
}
