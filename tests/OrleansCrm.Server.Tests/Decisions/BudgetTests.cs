using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Decisions;

public sealed class BudgetTests
{
    private const int Total = 12;

    [Fact]
    public async Task Budget_is_exact_over_all_partitions_and_a_restart_and_a_cancelled_order_gives_back()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Decisions.Budget = TimeSpan.FromSeconds(10));
        await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, $$$"""{"offers":[{"id":"gift","title":"A gift","budget":{"times":{{{Total}}}}}]}""");
        var winners = new List<string>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (winners.Count < Total)
        {
            deadline.Token.ThrowIfCancellationRequested();
            var asked = Enumerable.Range(0, 40).Select(_ => Events.NewCustomer()).ToArray();
            var shown = await Task.WhenAll(asked.Select(customer => IsShownAsync(server, customer)));
            winners.AddRange(asked.Where((_, i) => shown[i]));
        }

        Assert.Equal(Total, winners.Count);
        Assert.Equal((Total, 0, 0), await BudgetAsync(server));
        await server.IngestAsync([.. winners.Select(customer => Events.Order(customer, "o-" + customer, 20))]);
        await UntilAsync(server, (0, Total, 0), deadline.Token);
        await server.RestartAsync();
        Assert.Equal((0, Total, 0), await BudgetAsync(server));
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => IsShownAsync(server, Events.NewCustomer()))), Assert.False);

        await server.IngestAsync(Track(winners[0], "Order Cancelled", $$"""{"order_id":"o-{{winners[0]}}"}"""));
        await UntilAsync(server, (0, Total - 1, 1), deadline.Token);
        while (!await IsShownAsync(server, Events.NewCustomer()))
            await Task.Delay(20, deadline.Token);
        Assert.Equal((1, Total - 1, 0), await BudgetAsync(server));
    }

    [Fact]
    public async Task Coupon_named_by_two_at_once_is_held_by_one_and_used_by_one_order()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Decisions.Budget = TimeSpan.FromSeconds(10));
        await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """{"offers":[{"id":"spring","title":"Spring","coupon":{"prefix":"SPRING"}}]}""");
        var made = await server.PostAsync("/v1/offers/spring/coupons", """{"count":2}""", TestServer.ApiKey);
        var code = made.Json["codes"][0].GetString()!;
        string[] customers = [Events.NewCustomer(), Events.NewCustomer()];

        var decided = await Task.WhenAll(customers.Select(customer => DecideAsync(server, customer, code)));
        var winner = Array.FindIndex(decided, d => d.Json["offers"].GetArrayLength() == 1);
        var loser = decided[1 - winner];

        Assert.Equal(201, made.Status);
        Assert.StartsWith("SPRING-", code, StringComparison.Ordinal);
        Assert.Equal(("held_by_other", 0), (loser.Json["coupons"][0].GetProperty("status").GetString(), loser.Json["offers"].GetArrayLength()));
        Assert.Equal("same", (await server.GetAsync("/v1/decisions/" + decided[winner].Json["decisionId"].GetString())).Json["recomputed"].GetString());
        Assert.Equal("held", await StatusAsync(server, code));

        await server.IngestAsync(Track(
            customers[winner], "Order Completed", $$"""{"order_id":"o1","revenue":20,"currency":"EUR","coupon":"{{code}}"}"""));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (await StatusAsync(server, code) != "used")
            await Task.Delay(20, deadline.Token);
        Assert.Equal("used", (await DecideAsync(server, customers[1 - winner], code)).Json["coupons"][0].GetProperty("status").GetString());
        Assert.Equal("unknown", (await DecideAsync(server, customers[0], "SPRING-NEVERMADE1")).Json["coupons"][0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Failed_payments_are_answered_with_coupons_until_the_budget_is_out_whatever_restarts_and_an_order_uses_both()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Decisions.Budget = TimeSpan.FromSeconds(10));
        await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """
            {"offers":[{"id":"gift","kind":"percent","value":10,"title":"10% if you pay","budget":{"times":3},"coupon":{"prefix":"PAY-UP"}}],
             "triggers":{"policies":[
               {"id":"pay-again","on":"payment_failed","offers":["gift"],"frequency":{"times":0},"consent":{"purpose":"service","channel":"shop"}}]}}
            """);
        var customers = Enumerable.Range(0, 3).Select(_ => Events.NewCustomer()).ToArray();
        await server.IngestAsync([.. customers.Select(customer => Events.Track(customer, "f-" + customer, "Payment Failed"))]);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var codes = new string[customers.Length];
        for (var i = 0; i < customers.Length; i++)
            codes[i] = (await OfferedAsync(server, customers[i], deadline.Token)).GetProperty("coupon").GetString()!;

        Assert.Equal((3, 0, 0), await BudgetAsync(server));
        Assert.Equal(3, codes.Distinct().Count());
        Assert.Equal("free", await StatusAsync(server, codes[0]));
        await server.RestartAsync();
        Assert.Equal((3, 0, 0), await BudgetAsync(server));
        var offered = await OfferedAsync(server, customers[0], deadline.Token);
        Assert.Equal(codes[0], offered.GetProperty("coupon").GetString());
        var told = await server.GetAsync("/v1/decisions/" + offered.GetProperty("decisionId").GetString());
        Assert.Equal(("same", codes[0]), (told.Json["recomputed"].GetString(), told.Json["decision"].GetProperty("coupons")[0].GetProperty("code").GetString()));

        // At the checkout the code is entered; what was held is enough for it.
        var checkout = await DecideAsync(server, customers[0], codes[0]);
        Assert.Contains("gift", checkout.Json["offers"].EnumerateArray().Select(o => o.GetProperty("offerId").GetString()));
        Assert.Equal((3, 0, 0), await BudgetAsync(server));
        await server.IngestAsync(Track(customers[0], "Order Completed", $$"""{"order_id":"o1","revenue":20,"currency":"EUR","coupon":"{{codes[0]}}"}"""));
        await UntilAsync(server, (2, 1, 0), deadline.Token);
        while (await StatusAsync(server, codes[0]) != "used")
            await Task.Delay(20, deadline.Token);
    }

    private static async Task<JsonElement> OfferedAsync(TestServer server, string customer, CancellationToken deadline)
    {
        while (true)
        {
            var profile = await server.GetAsync("/v1/customers/" + customer);
            if (profile.Status == 200 && profile.Json["nextBestOffer"] is { ValueKind: JsonValueKind.Object } offer)
                return offer;
            await Task.Delay(50, deadline);
        }
    }

    private static string Track(string customer, string name, string properties) =>
        $$"""{"type":"track","event":"{{name}}","userId":"{{customer}}","properties":{{properties}}}""";

    private static async Task<bool> IsShownAsync(TestServer server, string customer) =>
        (await server.PostAsync($"/v1/customers/{customer}/decisions", "{}", TestServer.ApiKey)).Json["offers"].GetArrayLength() == 1;

    private static Task<Answer> DecideAsync(TestServer server, string customer, string code) =>
        server.PostAsync($"/v1/customers/{customer}/decisions", $$"""{"coupons":["{{code}}"]}""", TestServer.ApiKey);

    private static async Task<string?> StatusAsync(TestServer server, string code) =>
        (await server.GetAsync("/v1/coupons/" + code)).Json["status"].GetString();

    private static async Task<(int Held, int Spent, int Free)> BudgetAsync(TestServer server)
    {
        var told = (await server.GetAsync("/v1/offers/gift/budget")).Json;
        return (told["held"].GetInt32(), told["spent"].GetInt32(), told["free"].GetInt32());
    }

    private static async Task UntilAsync(TestServer server, (int Held, int Spent, int Free) expected, CancellationToken deadline)
    {
        while (await BudgetAsync(server) != expected)
            await Task.Delay(20, deadline);
    }
}
