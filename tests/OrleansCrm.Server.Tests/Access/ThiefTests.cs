using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Access;

/// <summary>Somebody has read a write key in a page and knows a victim's id and order number. That is all a thief can know, and it buys nothing.</summary>
public sealed class ThiefTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    /// <summary>What each try is called, and the item: V is the victim, T the thief, both known as users.</summary>
    public static TheoryData<string, string> Tries => new()
    {
        { "an order of the thief", """{"type":"track","userId":"T","event":"Order Completed","properties":{"order_id":"T-1","revenue":9999,"currency":"EUR"} }""" },
        { "an order of the victim under the thief", """{"type":"track","userId":"T","event":"Order Completed","properties":{"order_id":"V-1","revenue":80,"currency":"EUR"} }""" },
        { "a change of the victim's order", """{"type":"track","userId":"V","event":"Order Updated","properties":{"order_id":"V-1","revenue":1,"currency":"EUR"} }""" },
        { "a refund to the victim", """{"type":"track","userId":"V","event":"Order Refunded","properties":{"order_id":"V-1","refund_id":"r","total":80} }""" },
        { "a cancellation of the victim's order", """{"type":"track","userId":"V","event":"Order Cancelled","properties":{"order_id":"V-1"} }""" },
        { "the victim as an alias of the thief", """{"type":"alias","previousId":"V","userId":"T"}""" },
        { "the thief as an alias of the victim", """{"type":"alias","previousId":"T","userId":"V"}""" },
        { "a visitor of the thief in the victim's name", """{"type":"identify","anonymousId":"T","userId":"V"}""" },
        { "the victim's consent", """{"type":"track","userId":"V","event":"Consent Changed","properties":{"purpose":"marketing","channel":"email","granted":true} }""" },
        { "a review", """{"type":"track","userId":"T","event":"Product Reviewed","properties":{"product_id":"p","rating":5} }""" },
        { "a referral", """{"type":"track","userId":"T","event":"Referral Shared","properties":{"referral_id":"r"} }""" },
    };

    [Theory]
    [MemberData(nameof(Tries))]
    public async Task Key_of_a_page_buys_nothing(string what, string item)
    {
        var (victim, thief) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Events.Order(victim, victim + "-1", 80));
        var before = await StandingAsync(victim);
        var key = await _server.AddBrowserKeyAsync();

        var answer = await _server.PostAsync("/v1/batch", $"{{\"batch\":[{item.Replace("\"V", "\"" + victim).Replace("\"T\"", $"\"{thief}\"").Replace("\"T-", $"\"{thief}-")}]}}", key);

        Assert.True(answer.Status == 200, what);
        Assert.Equal(before, await StandingAsync(victim));
        var gained = await StandingAsync(thief);
        var nobody = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(nobody));
        Assert.True(gained is null || gained == await StandingAsync(nobody), $"{what} gives {gained}");
    }

    [Fact]
    public async Task Key_of_a_page_reads_nobody()
    {
        var victim = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(victim, victim + "-1", 80));
        var key = await _server.AddBrowserKeyAsync();

        foreach (var path in new[] { "", "/timeline" })
            Assert.Equal(401, (await _server.GetAsync($"/v1/customers/{victim}{path}", key)).Status);
        Assert.Equal(401, (await _server.PostAsync($"/v1/customers/{victim}/tokens", """{"scopes":["self"]}""", key)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/me", key)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/desks/default/alerts", key)).Status);
    }

    /// <summary>What is worth something: orders, revenue, points, consent. Null for somebody who was never seen.</summary>
    private async Task<string?> StandingAsync(string user)
    {
        var answer = await _server.GetAsync("/v1/customers/user:" + user);
        if (answer.Status == 404)
            return null;
        var value = answer.Json["value"];
        var points = answer.Json["loyalty"].GetProperty("balance");
        return $"{value.GetProperty("orders")} orders, {value.GetProperty("revenue").GetRawText()}, {points} points, {answer.Json["consent"].GetRawText()}";
    }
}
