using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Customers;

public sealed class TimeTravelTests : IAsyncLifetime
{
    private readonly List<(string Id, string At, string Body)> _told = [];
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Past_instant_is_answered_as_the_server_answered_then()
    {
        var (user, other, visitor, silent) = (Events.NewCustomer(), Events.NewCustomer(), Events.NewCustomer(), Events.NewCustomer());
        string[] everybody = [user, other, visitor, silent];

        await SendAsync(everybody, Events.Order(user, user + "-1", 20), Events.Track(other), Visit(visitor));
        await SendAsync(everybody, Events.Order(user, user + "-0", 30, at: DateTimeOffset.UtcNow.AddDays(-100)), VisitorsOrder(visitor));
        await SendAsync(everybody, Refund(user, user + "-1", 5), Events.Track(user, name: "Ticket Opened", timestamp: "2024-05-05T05:05:05Z"));
        await SendAsync(everybody, Events.SilentCustomer(silent));
        await WaitForAsync(silent, p => p.GetProperty("openAlerts").GetArrayLength() == 1);
        await TellAsync(everybody);
        await SendAsync(everybody, $$"""{"type":"page","userId":"{{user}}","anonymousId":"{{visitor}}"}""", Events.Order(silent, silent + "-back", 5));
        await SendAsync(everybody, VisitorsOrder(visitor), Events.Order(other, other + "-1", 7));
        await _server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """{"loyalty":{"pointsPerUnit":4},"lifecycle":{"loyaltyPurchaseDays":2}}""");
        await WaitForAsync(user, p => p.GetProperty("phase").GetString() == "loyalty");
        await TellAsync(everybody);
        await SendAsync(everybody, Events.Order(other, other + "-2", 7));
        Assert.Equal(200, (await _server.PostAsync($"/v1/customers/{other}/merge", $$"""{"into":"{{user}}"}""", TestServer.ApiKey)).Status);
        await TellAsync(everybody);
        await SendAsync(everybody, Events.Order(other, other + "-3", 8, at: DateTimeOffset.UtcNow.AddDays(-3)));

        await AssertToldAsync();
        await _server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        await AssertToldAsync();
        await _server.RestartAsync();
        await AssertToldAsync();
    }

    [Fact]
    public async Task Curve_goes_by_when_things_happened()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(user, user + "-1", 20, at: DateTimeOffset.UtcNow.AddDays(-100)));
        await _server.IngestAsync(Events.Order(user, user + "-2", 30, at: DateTimeOffset.UtcNow.AddDays(-50)));

        var whole = await _server.GetAsync($"/v1/customers/{user}/curve?points=5");
        var longer = await _server.GetAsync($"/v1/customers/{user}/curve?points=3&from={DateTime.UtcNow.AddDays(-300):yyyy-MM-dd}");

        var points = whole.Json["items"].EnumerateArray().ToArray();
        Assert.Equal((20m, 20m, 50m, 50m), (RevenueOf(points[0]), RevenueOf(points[1]), RevenueOf(points[3]), RevenueOf(points[4])));
        Assert.True(points[4].GetProperty("risk").GetDouble() > points[3].GetProperty("risk").GetDouble());
        Assert.Equal(1, longer.Json["items"].GetArrayLength());
        foreach (var (query, code) in new[] { ("points=1", "invalid_points"), ("from=x", "invalid_time"), ("to=2999-01-01", "invalid_period") })
            Assert.Equal((400, code), Refusal(await _server.GetAsync($"/v1/customers/{user}/curve?{query}")));
        Assert.Equal((404, "customer_not_found"), Refusal(await _server.GetAsync("/v1/customers/nobody/curve")));

        static decimal RevenueOf(JsonElement point) => point.GetProperty("revenue").GetProperty("EUR").GetDecimal();
    }

    [Fact]
    public async Task Erased_customer_has_no_past()
    {
        var user = Events.NewCustomer();
        await SendAsync([user], Events.Order(user, user + "-1", 20));
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + user, TestServer.ApiKey)).Status);

        var answer = await AtAsync(user, _told[0].At);

        Assert.Equal((410, "erased"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Instant_that_cannot_be_answered_has_its_code()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(user, timestamp: "2024-01-01T00:00:00Z"));

        Assert.Equal((400, "invalid_time"), Refusal(await AtAsync(user, "yesterday")));
        Assert.Equal((400, "invalid_time"), Refusal(await AtAsync(user, "")));
        Assert.Equal((400, "future_instant"), Refusal(await AtAsync(user, "2999-01-01")));
        Assert.Equal((404, "customer_not_found"), Refusal(await AtAsync(user, "2024-06-01")));
        Assert.Equal((404, "customer_not_found"), Refusal(await AtAsync("nobody", "2024-06-01")));
        Assert.Equal((400, "invalid_customer_id"), Refusal(await AtAsync("%20", "2024-06-01")));
    }

    [Fact]
    public async Task Imported_history_is_known_from_its_own_time_on()
    {
        using var whole = new Trial();
        using var part = new Trial();
        using var file = Histories.Simulated(60);
        const string At = "2025-02-01T00:00:00Z";
        var lines = await File.ReadAllLinesAsync(file.Path);
        using var until = new TempFile(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.Where(l => TimeOf(l) <= DateTimeOffset.Parse(At, CultureInfo.InvariantCulture)).Select(l => l + "\n"))));
        await whole.ImportAsync(file, Server.Import.ImportFormat.Events);
        await part.ImportAsync(until, Server.Import.ImportFormat.Events);

        await using var all = await TestServer.StartAsync(whole.Data);
        await using var known = await TestServer.StartAsync(part.Data);
        var phases = new SortedSet<string>();
        foreach (var user in lines.Select(UserOf).Distinct())
        {
            var (x, y) = (await all.GetAsync($"/v1/customers/{user}?at={At}"), await known.GetAsync($"/v1/customers/{user}?at={At}"));
            Assert.Equal(y.Status, x.Status);
            if (x.Status != 200)
                continue;
            foreach (var field in new[] { "events", "phase", "phaseSince", "loyalty", "value", "recent", "traits" })
                Assert.Equal(WithoutPlaces(y.Json[field].GetRawText()), WithoutPlaces(x.Json[field].GetRawText()));
            Assert.Equal(y.Json["openAlerts"].GetArrayLength(), x.Json["openAlerts"].GetArrayLength());
            phases.Add(x.Json["phase"].GetString()!);
        }

        Assert.Contains("recapture", phases);
        Assert.Contains("lost", phases);
    }

    private static string WithoutPlaces(string json) => System.Text.RegularExpressions.Regex.Replace(json, "\"entry\":\"[0-9-]+\"", "");

    private static DateTimeOffset TimeOf(string line) => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("timestamp").GetDateTimeOffset();

    private static string UserOf(string line)
    {
        var json = System.Text.Json.JsonDocument.Parse(line).RootElement;
        return (json.TryGetProperty("userId", out var id) ? id : json.GetProperty("anonymousId")).GetString()!;
    }

    private async Task SendAsync(string[] everybody, params string[] events)
    {
        var answer = await _server.IngestAsync(events);
        Assert.Equal((200, events.Length), (answer.Status, answer.Json["accepted"].GetInt32()));
        await TellAsync(everybody);
    }

    /// <summary>Notes what is answered now; nothing else happens around that instant, nor does a minute begin.</summary>
    private async Task TellAsync(string[] everybody)
    {
        foreach (var id in everybody)
        {
            DateTimeOffset at;
            Answer before, answer;
            do
            {
                before = await _server.GetAsync("/v1/customers/" + id);
                at = await NextMillisecondAsync();
                answer = await _server.GetAsync("/v1/customers/" + id);
            }
            while (DateTimeOffset.UtcNow.Minute != at.Minute || before.Body != answer.Body);
            _told.Add((id, at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), answer.Body));
        }

        await NextMillisecondAsync();
    }

    private static async Task<DateTimeOffset> NextMillisecondAsync()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        while (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() == now)
            await Task.Yield();
        return DateTimeOffset.UtcNow;
    }

    private async Task AssertToldAsync()
    {
        foreach (var (id, at, body) in _told)
            Assert.Equal(body, (await AtAsync(id, at)).Body);
    }

    private async Task WaitForAsync(string id, Func<System.Text.Json.JsonElement, bool> isThere)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (!isThere((await _server.GetAsync("/v1/customers/" + id)).Element))
            Assert.True(DateTime.UtcNow < deadline, $"{id} never came to it.");
    }

    private Task<Answer> AtAsync(string id, string at) => _server.GetAsync($"/v1/customers/{id}?at={at}");

    private static (int, string) Refusal(Answer answer) => (answer.Status, answer.Code);

    private static string Visit(string visitor) => $$"""{"type":"page","anonymousId":"{{visitor}}"}""";

    private static string VisitorsOrder(string visitor) =>
        $$$"""{"type":"track","anonymousId":"{{{visitor}}}","event":"Order Completed","properties":{"order_id":"{{{Guid.NewGuid()}}}","revenue":9,"currency":"EUR"}}""";

    private static string Refund(string user, string order, int amount) =>
        $$$"""{"type":"track","userId":"{{{user}}}","event":"Order Refunded","properties":{"order_id":"{{{order}}}","refund_id":"r1","amount":{{{amount}}},"currency":"EUR"}}""";
}
