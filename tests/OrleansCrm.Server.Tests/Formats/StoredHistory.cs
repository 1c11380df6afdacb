using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Formats;

/// <summary>A small history that leaves something in every table.</summary>
internal static class StoredHistory
{
    public static readonly string[] Customers = ["ada", "bob", "anonymous:visitor-1", "cyd", "dan", "eve", "fay", "gus"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string[] First = [.. Enumerable.Range(1, 3).Select(i => Events.Order("ada", $"ada-{i}", 10 * i, at: DateTimeOffset.UtcNow.AddDays(-40 + i)))];

    public static async Task BeginAsync(TestServer server)
    {
        await SendAsync(server, First);
        await SendAsync(
            server,
            """{"type":"identify","userId":"ada","messageId":"i1","traits":{"email":"ada@shop.example","plan":"gold","spaßfaktor":1.5}}""",
            """{"type":"track","userId":"ada","event":"Order Refunded","messageId":"r1","properties":{"order_id":"ada-2","refund_id":"ada-2-r","total":5}}""",
            """{"type":"track","userId":"ada","event":"Survey Answered","messageId":"s1","properties":{"kind":"nps","score":2,"comment":"slow"}}""",
            """{"type":"track","userId":"ada","event":"Consent Changed","messageId":"c1","properties":{"purpose":"marketing","channel":"email","granted":true}}""",
            """{"type":"page","anonymousId":"visitor-1","messageId":"v1"}""",
            """{"type":"track","anonymousId":"visitor-1","event":"Product Added","messageId":"v2","properties":{"product_id":"p1","price":3.5,"quantity":2}}""",
            """{"type":"identify","userId":"bob","anonymousId":"visitor-1","messageId":"v3"}""",
            Events.Order("cyd", "cyd-o", 80, at: DateTimeOffset.UtcNow.AddDays(-1)),
            Events.Track("cyd", "cyd-1", "Payment Failed"),
            Events.Track("cyd", "cyd-2", "Payment Failed"),
            Events.Order("dan", "dan-1", 12));
        await SendAsync(server, Events.SilentCustomer("fay"));
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """{"loyalty":{"pointsPerUnit":3}}""")).Status);
        await SendAsync(server, Events.Order("gus", "gus-1", 9));
        var browser = await server.AddBrowserKeyAsync();
        Assert.Equal(200, (await server.PostAsync("/v1/batch", $"{{\"batch\":[{Events.Order("eve", "eve-1", 99)}]}}", browser)).Status);
        await server.IngestAsync("""{"type":"track","userId":"gus","messageId":"bad"}""");

        var hold = await server.SendAsync(
            HttpMethod.Post, "/v1/customers/cyd/redemptions", TestServer.ApiKey, """{"points":30,"orderId":"next"}""", r => r.Headers.Add("Idempotency-Key", "k1"));
        Assert.Equal(201, hold.Status);
        Assert.Equal(200, (await server.PostAsync($"/v1/customers/cyd/redemptions/{hold.Json["holdId"].GetString()}/commit", "", TestServer.ApiKey)).Status);
        Assert.Equal(200, (await server.PostAsync("/v1/customers/gus/decisions", """{"placement":"checkout"}""", TestServer.ApiKey)).Status);
        await WorkOnAlertsAsync(server);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, "/v1/customers/dan", TestServer.ApiKey)).Status);
    }

    /// <summary>After the snapshots were stored: a start has to replay it. The request is traced, and its entries with it.</summary>
    public static async Task AddAsync(TestServer server)
    {
        var answer = await server.SendAsync(
            HttpMethod.Post,
            "/v1/batch",
            TestServer.WriteKey,
            $"{{\"batch\":[{Events.Order("gus", "gus-2", 11)},{Events.Track("ada", "late-1")}]}}",
            request => request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
        Assert.Equal(2, answer.Json["accepted"].GetInt32());
    }

    /// <summary>What a program of today does with the data: it knows repeats and adds to them.</summary>
    public static async Task GoOnAsync(TestServer server)
    {
        var again = await server.IngestAsync(Events.Track("cyd", "cyd-1", "Payment Failed"), Events.Order("gus", "gus-2", 11), Events.Track("gus", "new-1"), Events.Track("dan", "new-2"));

        Assert.Equal((1, 2, 1), (again.Json["accepted"].GetInt32(), again.Json["duplicate"].GetInt32(), again.Json["rejected"].GetArrayLength()));
    }

    private static async Task WorkOnAlertsAsync(TestServer server)
    {
        var agent = await server.SignInAsync();
        var id = (await server.GetAsync("/v1/customers/cyd")).Json["openAlerts"][0].GetString();
        Assert.Equal(200, (await server.PostAsync($"/v1/alerts/{id}/claim", "", agent)).Status);
        Assert.Equal(200, (await server.PostAsync($"/v1/alerts/{id}/resolve", """{"outcome":"called","note":"done"}""", agent)).Status);
        using var deadline = new CancellationTokenSource(Patience);
        while ((await server.GetAsync("/v1/customers/fay")).Json["openAlerts"].GetArrayLength() == 0)
            await Task.Delay(20, deadline.Token);
    }

    private static async Task SendAsync(TestServer server, params string[] events)
    {
        var answer = await server.IngestAsync(events);
        Assert.True(answer.Status == 200 && answer.Json["accepted"].GetInt32() == events.Length, answer.Body);
    }
}
