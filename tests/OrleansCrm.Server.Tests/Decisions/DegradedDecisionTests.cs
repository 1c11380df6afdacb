using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Decisions;

public sealed class DegradedDecisionTests
{
    [Fact]
    public async Task Storage_that_does_not_answer_makes_no_checkout_wait()
    {
        StuckJournal journal = null!;
        ServerOptions options = null!;
        await using var server = await TestServer.StartAsync(configure: o => (options = o).Decisions.Budget = TimeSpan.FromSeconds(10), services: s => journal = StuckJournal.Wrap(s));
        var customer = Events.NewCustomer();
        await server.IngestAsync(Events.Order(customer, "o-" + customer, 40));
        journal.Stick();

        var known = await server.PostAsync($"/v1/customers/user:{customer}/decisions", "{}", TestServer.ApiKey);

        // The first had all the time it could want and took none; these two wait in vain.
        options.Decisions.Budget = TimeSpan.FromSeconds(1);
        var withEvent = await server.PostAsync(
            $"/v1/customers/user:{customer}/decisions",
            """{"events":[{"type":"track","event":"Order Completed","messageId":"late","properties":{"order_id":"late","revenue":5,"currency":"EUR"}}]}""",
            TestServer.ApiKey);
        var unread = await server.PostAsync("/v1/customers/somebody-on-disk/decisions", """{"cart":{"total":9,"currency":"EUR"}}""", TestServer.ApiKey);
        journal.Release();

        // In memory nothing is missing; what came along is under way; and who cannot be read is answered as somebody new.
        Assert.Equal((200, false, 40), (known.Status, known.Json["degraded"].GetBoolean(), PointsOf(known)));
        Assert.Equal((200, true, 40), (withEvent.Status, withEvent.Json["degraded"].GetBoolean(), PointsOf(withEvent)));
        Assert.Equal("pending", withEvent.Json["events"].GetProperty("status").GetString());
        Assert.Equal((200, true, 0), (unread.Status, unread.Json["degraded"].GetBoolean(), PointsOf(unread)));
        Assert.Equal((9, null), (unread.Json["tentativePoints"].GetInt64(), unread.Json["decisionId"].GetString()));

        // Both that were named are journaled behind the event that was under way.
        Assert.Equal("same", (await server.GetAsync("/v1/decisions/" + known.Json["decisionId"].GetString())).Json["recomputed"].GetString());
        Assert.Equal("same", (await server.GetAsync("/v1/decisions/" + withEvent.Json["decisionId"].GetString())).Json["recomputed"].GetString());
        Assert.Equal(45, (await server.GetAsync("/v1/customers/" + customer)).Json["loyalty"].GetProperty("balance").GetInt64());
    }

    private static long PointsOf(Answer decided) => decided.Json["redemption"].GetProperty("maxPoints").GetInt64();
}
