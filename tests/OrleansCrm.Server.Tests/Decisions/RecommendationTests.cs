using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Decisions;

public sealed class RecommendationTests
{
    [Fact]
    public async Task What_goes_with_the_cart_is_learned_as_orders_arrive_kept_apart_by_tenant_and_learned_again_at_the_start()
    {
        await using var server = await TestServer.StartAsync(configure: o =>
        {
            o.Decisions.Budget = TimeSpan.FromSeconds(10);
            o.Decisions.LearningPeriod = TimeSpan.FromMilliseconds(50);
        });
        var taken = await server.IngestAsync([.. Enumerable.Range(0, 6).Select(_ => Order(Events.NewCustomer(), "pan", "lid"))]);
        Assert.Equal(6, taken.Json["accepted"].GetInt32());
        await server.IngestAsync(Order(Events.NewCustomer(), "sofa", "cushion"));

        var decided = await UntilRecommendedAsync(server, "lid");
        var told = await server.GetAsync("/v1/decisions/" + decided.Json["decisionId"].GetString());
        var elsewhere = await server.PostAsync("/v1/customers/somebody/decisions", Cart, await server.NewTenantAsync());

        Assert.Equal("bought_together", decided.Json["recommendations"][0].GetProperty("reason").GetString());
        Assert.DoesNotContain(decided.Json["recommendations"].EnumerateArray(), r => r.GetProperty("sku").GetString() == "pan");
        Assert.Equal("same", told.Json["recomputed"].GetString());
        Assert.Empty(elsewhere.Json["recommendations"].EnumerateArray());

        await server.RestartAsync();
        await UntilRecommendedAsync(server, "lid");
    }

    private const string Cart = """{"cart":{"currency":"EUR","items":[{"sku":"pan","price":20}]}}""";

    private static string Order(string customer, params string[] skus) => JsonSerializer.Serialize(new
    {
        type = "track",
        userId = customer,
        @event = "Order Completed",
        properties = new { order_id = "o-" + customer, revenue = 30, products = skus.Select(sku => new { product_id = "id-" + sku, sku, price = 10, quantity = 1 }) },
    });

    private static async Task<Answer> UntilRecommendedAsync(TestServer server, string sku)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            var decided = await server.PostAsync($"/v1/customers/{Events.NewCustomer()}/decisions", Cart, TestServer.ApiKey);
            if (decided.Json["recommendations"].EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first && first.GetProperty("sku").GetString() == sku)
                return decided;
            Assert.False(deadline.IsCancellationRequested, decided.Body);
            await Task.Delay(50);
        }
    }
}
