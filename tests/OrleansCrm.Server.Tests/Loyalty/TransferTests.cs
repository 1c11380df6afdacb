using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Loyalty;

public sealed class TransferTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Points_are_given_once_to_another_customer_and_refusals_have_their_codes()
    {
        await _server.IngestAsync(Events.Order("giver", "g1", 100), Events.Order("taker", "t1", 5));

        var given = await GiveAsync("k1", """{"to":"taker","points":60}""");
        var again = await GiveAsync("k1", """{"to":"taker","points":60}""");
        Assert.Equal((201, given.Body), (given.Status, again.Body));
        Assert.Equal(40, await BalanceAsync("giver", 40));
        Assert.Equal(65, await BalanceAsync("taker", 65));
        Assert.Equal((409, "insufficient_points"), CodeOf(await GiveAsync("k2", """{"to":"taker","points":41}""")));
        Assert.Equal((409, "same_customer"), CodeOf(await GiveAsync("k3", """{"to":"giver","points":1}""")));
        Assert.Equal((404, "customer_not_found"), CodeOf(await GiveAsync("k4", """{"to":"nobody-at-all","points":1}""")));
        Assert.Equal((422, "idempotency_key_reused"), CodeOf(await GiveAsync("k1", """{"to":"taker","points":61}""")));
        Assert.DoesNotContain("giver", (await _server.GetAsync("/v1/customers/taker/timeline")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Members_of_a_household_spend_from_one_pool()
    {
        await _server.IngestAsync(Events.Order("head", "h1", 100), Events.Order("member", "m1", 50));
        Assert.Equal(200, (await HouseholdAsync(HttpMethod.Put, """{"head":"head"}""")).Status);
        Assert.Equal(150, await BalanceAsync("head", 150));
        await _server.IngestAsync(Events.Order("member", "m2", 25));
        Assert.Equal((175, 0), (await BalanceAsync("head", 175), await BalanceAsync("member", 0)));

        const string Redemptions = "/v1/customers/member/redemptions";
        var hold = await _server.SendAsync(HttpMethod.Post, Redemptions, TestServer.ApiKey, """{"points":160}""", request => request.Headers.Add("Idempotency-Key", "pool"));
        Assert.Equal(201, hold.Status);
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Post, $"{Redemptions}/{hold.Json["holdId"].GetString()}/commit", TestServer.ApiKey)).Status);
        Assert.Equal(15, await BalanceAsync("head", 15));

        Assert.Equal(200, (await HouseholdAsync(HttpMethod.Delete, null)).Status);
        await _server.IngestAsync(Events.Order("member", "m3", 30));
        Assert.Equal((15, 30), (await BalanceAsync("head", 15), await BalanceAsync("member", 30)));
        Assert.Equal((404, "customer_not_found"), CodeOf(await HouseholdAsync(HttpMethod.Put, """{"head":"nobody-at-all"}""")));
        Assert.Equal((409, "same_customer"), CodeOf(await HouseholdAsync(HttpMethod.Put, """{"head":"member"}""")));
    }

    private Task<Answer> HouseholdAsync(HttpMethod method, string? body) => _server.SendAsync(method, "/v1/customers/member/household", TestServer.ApiKey, body);

    private static (int Status, string? Code) CodeOf(Answer answer) => (answer.Status, answer.Code);

    private Task<Answer> GiveAsync(string key, string body) => _server.SendAsync(
        HttpMethod.Post, "/v1/customers/giver/transfers", TestServer.ApiKey, body, request => request.Headers.Add("Idempotency-Key", key));

    private async Task<long> BalanceAsync(string customer, long expected)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(2); ; await Task.Delay(20))
        {
            var balance = (await _server.GetAsync("/v1/customers/" + customer)).Json["loyalty"].GetProperty("balance").GetInt64();
            if (balance == expected || DateTime.UtcNow > deadline)
                return balance;
        }
    }
}
