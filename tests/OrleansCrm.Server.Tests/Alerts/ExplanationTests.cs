using System.Diagnostics;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Alerts;

public sealed class ExplanationTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Explanation_works_the_open_alert_out_again_and_gets_the_same()
    {
        var (user, id) = await SilentAsync();

        var explained = await ExplainAsync(id);

        var alert = (await _server.GetAsync("/v1/alerts/" + id)).Element;
        Assert.Equal(alert.GetRawText(), explained["alert"].GetRawText());
        Assert.Equal(alert.GetProperty("reasons").GetRawText(), explained["reasons"].GetRawText());
        Assert.Equal((user, "churn_risk"), (explained["customerId"].GetString(), explained["kind"].GetString()));
        Assert.InRange(explained["entries"].GetInt32(), 5, 6);
        var basis = explained["basis"];
        Assert.Equal(("mbg-nbd", 5, 4), (basis.GetProperty("model").GetProperty("name").GetString(), basis.GetProperty("orders").GetInt32(), basis.GetProperty("repeats").GetInt32()));
        Assert.Equal(alert.GetProperty("raisedAt").GetDateTime(), basis.GetProperty("crossedAt").GetDateTime());
        Assert.True(basis.GetProperty("risk").GetDouble() >= basis.GetProperty("threshold").GetDouble());
        Assert.Equal(ReasonOf(alert, "risk"), basis.GetProperty("risk").GetDouble(), 1e-6);
        Assert.Equal(ReasonOf(alert, "probability_alive"), basis.GetProperty("probabilityAlive").GetDouble(), 1e-6);
        Assert.Equal(
            alert.GetProperty("evidence").EnumerateArray().Select(e => e.GetString()),
            explained["evidence"].EnumerateArray().Select(e => e.GetProperty("entry").GetString()));
        Assert.All(explained["evidence"].EnumerateArray(), e => Assert.Equal("Order Completed", e.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task Explanation_of_a_signal_says_what_its_policy_asks_and_gets_the_same()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(user, name: "Payment Failed"), Events.Track(user, name: "Payment Failed"));
        var id = (await _server.GetAsync("/v1/customers/" + user)).Json["openAlerts"][0].GetString()!;

        var explained = await ExplainAsync(id);

        Assert.Equal(("payment_failed", true), (explained["kind"].GetString(), explained["matches"].GetBoolean()));
        Assert.Equal(2, explained["entries"].GetInt32());
        var basis = explained["basis"];
        Assert.Equal(("payment_failed", true, 2), (basis.GetProperty("signal").GetString(), basis.GetProperty("holds").GetBoolean(), basis.GetProperty("count").GetInt32()));
        Assert.Equal(3, basis.GetProperty("policy").GetProperty("forDays").GetInt32());
        Assert.Equal(["Payment Failed", "Payment Failed"], explained["evidence"].EnumerateArray().Select(e => e.GetProperty("event").GetString()));
    }

    [Fact]
    public async Task Explanation_of_a_withdrawn_alert_says_what_it_stood_on()
    {
        var (user, id) = await SilentAsync();
        var open = (await ExplainAsync(id))["basis"];
        await _server.IngestAsync(Events.Order(user, user + "-back", 10));

        var explained = await ExplainAsync(id);

        Assert.Equal("withdrawn", explained["alert"].GetProperty("status").GetString());
        Assert.Equal(open.GetRawText(), explained["basis"].GetRawText());
    }

    [Fact]
    public async Task Explanation_follows_a_new_program()
    {
        await using var server = await TestServer.StartAsync();
        var (_, id) = await SilentAsync(server);

        // Under it the risk crosses earlier, so the alert stands and only its numbers change; one that crossed later would be another alert.
        var program = """{"churn":{"model":{"name":"mbg-nbd","alphaWeeks":6},"calibration":{"intercept":0.1,"slope":1}}}""";
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, program)).Status);

        var started = Stopwatch.StartNew();
        while ((await ExplainAsync(id, server))["basis"].GetProperty("model").GetProperty("alphaWeeks").GetDouble() != 6)
        {
            Assert.True(started.Elapsed < Deadline, "The new program does not come.");
            await Task.Delay(20);
        }

        var basis = (await ExplainAsync(id, server))["basis"];
        Assert.Equal(2, basis.GetProperty("programVersion").GetInt32());
        Assert.NotEqual(basis.GetProperty("modelRisk").GetDouble(), basis.GetProperty("risk").GetDouble());
    }

    [Fact]
    public async Task Alert_that_does_not_exist_has_no_explanation()
    {
        Assert.Equal((404, "alert_not_found"), await CodeAsync("/v1/alerts/0-0-0/explanation"));
        Assert.Equal((404, "alert_not_found"), await CodeAsync("/v1/alerts/nonsense/explanation"));
    }

    private async Task<(int, string)> CodeAsync(string path)
    {
        var answer = await _server.GetAsync(path);
        return (answer.Status, answer.Code);
    }

    private async Task<IReadOnlyDictionary<string, JsonElement>> ExplainAsync(string id, TestServer? server = null)
    {
        var explained = await (server ?? _server).GetAsync($"/v1/alerts/{id}/explanation");
        Assert.True(explained.Status == 200, explained.Body);
        Assert.True(explained.Json["matches"].GetBoolean(), explained.Body);
        return explained.Json;
    }

    private static double ReasonOf(JsonElement alert, string code) =>
        alert.GetProperty("reasons").EnumerateArray().Single(r => r.GetProperty("code").GetString() == code).GetProperty("value").GetDouble();

    // Bought every other week, and then not for a hundred days: at risk, and not yet lost.
    private async Task<(string User, string Alert)> SilentAsync(TestServer? server = null)
    {
        server ??= _server;
        var user = Events.NewCustomer();
        var now = DateTimeOffset.UtcNow;
        await server.IngestAsync([.. Enumerable.Range(0, 5).Select(i => Events.Order(user, $"{user}-{i}", 40, at: now.AddDays(-156 + 14 * i)))]);
        var started = Stopwatch.StartNew();
        while (true)
        {
            var alerts = (await server.GetAsync("/v1/customers/" + user)).Json["openAlerts"].EnumerateArray().ToArray();
            if (alerts.Length > 0)
                return (user, alerts[0].GetString()!);
            Assert.True(started.Elapsed < Deadline, "No alert comes.");
            await Task.Delay(20);
        }
    }
}
