using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Loyalty;

public sealed class ReferralTests
{
    [Fact]
    public async Task Friend_and_who_brought_him_are_rewarded_over_partitions_and_an_erasure_takes_the_code_along()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """{"loyalty":{"pointsPerUnit":0,"referral":{"referrer":100,"friend":40,"standDays":0}}}""");
        await server.IngestAsync("""{"type":"identify","userId":"ada","messageId":"a"}""");
        var opened = await server.PostAsync("/v1/customers/ada/referral", "{}", TestServer.ApiKey);
        var again = await server.PostAsync("/v1/customers/ada/referral", "{}", TestServer.ApiKey);
        var code = opened.Json["code"].GetString()!;
        await UntilAsync(server, "/v1/customers/ada", a => a.Json["referral"].GetProperty("code").GetString() == code);

        foreach (var friend in new[] { "bob", "eve" })
        {
            await server.IngestAsync(
                "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"" + friend + "\",\"messageId\":\"" + friend + "\",\"properties\":{\"order_id\":\"" + friend + "\",\"revenue\":10,\"referral_code\":\"" + code + "\"}}");
        }

        foreach (var friend in new[] { "bob", "eve" })
            await UntilAsync(server, "/v1/customers/" + friend, a => a.Json["loyalty"].GetProperty("balance").GetInt64() == 40);
        var ada = await UntilAsync(server, "/v1/customers/ada", a => a.Json["loyalty"].GetProperty("balance").GetInt64() == 200);

        Assert.Equal((200, code), (again.Status, again.Json["code"].GetString()));
        Assert.Equal(2, ada.Json["referral"].GetProperty("brought").GetInt64());
        Assert.Equal(["user:ada"], ada.Json["identities"].EnumerateArray().Select(i => i.GetString()));
        var bobs = (await server.GetAsync("/v1/customers/bob/timeline")).Body;
        Assert.All(["\"ada\"", "user:ada"], named => Assert.DoesNotContain(named, bobs, StringComparison.Ordinal));
        Assert.DoesNotContain("\"bob\"", (await server.GetAsync("/v1/customers/ada/timeline")).Body, StringComparison.Ordinal);
        Assert.Contains((await server.SendAsync(HttpMethod.Delete, "/v1/customers/ada", TestServer.ApiKey)).Status, new[] { 200, 202 });
    }

    private static async Task<Answer> UntilAsync(TestServer server, string path, Func<Answer, bool> isSo)
    {
        for (var deadline = DateTime.UtcNow.AddMinutes(2); ; await Task.Delay(20))
        {
            var answer = await server.GetAsync(path);
            if (isSo(answer))
                return answer;
            Assert.True(DateTime.UtcNow < deadline, "It did not come about in time: " + answer.Body);
        }
    }
}
