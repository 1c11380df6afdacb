using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>Requests in the shape in which SDKs really send them: key, content type, encoding, and the fields around the event.</summary>
public sealed class SdkShapeTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Batch_of_the_Segment_Node_SDK_with_its_key_in_header_and_body_is_taken()
    {
        var user = Events.NewCustomer();
        var order = Event(user, "track", """
            "event":"Order Completed","properties":{"order_id":"O-1","total":129.9,"revenue":129.9,"currency":"EUR","products":[{"product_id":"P-1","sku":"S-1","name":"Lämp €","price":129.9,"quantity":1}]},
            "timestamp":"2026-01-02T03:04:05.678Z","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}
            """);
        var batch = $$"""{"batch":[{{order}},{{Event(user, "identify", "\"traits\":{\"plan\":{\"name\":\"gold\",\"since\":[2024]}}")}},{{Event(user, "alias", "\"previousId\":\"anon-1\"")}}],"writeKey":"{{TestServer.WriteKey}}","sentAt":"{{Now()}}"}""";

        var answer = await SendAsync("/v1/batch", Encoding.UTF8.GetBytes(batch), "application/json", Basic);

        Assert.Equal((200, 3), (answer.Status, answer.Json["accepted"].GetInt32()));
        var profile = (await _server.GetAsync("/v1/customers/" + user)).Json;
        Assert.Equal(129.9m, profile["value"].GetProperty("revenue").GetProperty("EUR").GetDecimal());
        Assert.Equal("""{"name":"gold","since":[2024]}""", profile["traits"].GetProperty("plan").GetRawText());
        Assert.Contains("2026-01-02T03:04:05.678Z", (await TimelineAsync(user)).Select(i => i.GetProperty("time").GetString()));
    }

    [Fact]
    public async Task Gzip_under_a_form_content_type_with_times_in_every_event_is_taken()
    {
        var user = Events.NewCustomer();
        var now = Now();
        var batch = $$"""
            {"batch":[{{Event(user, "track", $"\"event\":\"Product Viewed\",\"channel\":\"server\",\"originalTimestamp\":\"{now}\",\"sentAt\":\"{now}\"")}},
            {{Event(user, "group", $"\"groupId\":\"G-9\",\"channel\":\"server\",\"originalTimestamp\":\"{now}\",\"sentAt\":\"{now}\"")}}],"timestamp":"{{now}}","sentAt":"{{now}}"}
            """;

        var answer = await SendAsync("/v1/batch", Gzip(batch), "application/x-www-form-urlencoded", Basic, r => r.Content!.Headers.Add("Content-Encoding", "gzip"));

        Assert.Equal((200, 2), (answer.Status, answer.Json["accepted"].GetInt32()));
        Assert.Equal(2, (await TimelineAsync(user)).Length);
    }

    [Theory]
    [InlineData("/v1/t", "text/plain")]
    [InlineData("/v1/track", "application/json;charset=UTF-8")]
    public async Task Single_event_of_a_browser_SDK_is_taken_and_its_key_not_kept(string path, string contentType)
    {
        var user = Events.NewCustomer();
        var key = await _server.AddBrowserKeyAsync();
        var body = Event(user, "track", $$"""
            "event":"Product Viewed","properties":{},"integrations":{"All":true},"anonymousId":"a-{{user}}","writeKey":"{{key}}","sentAt":"{{Now()}}","originalTimestamp":"{{Now()}}",
            "context":{"page":{"path":"/checkout","search":"?utm_source=mail"},"campaign":{"source":"mail"},"timezone":"UTC"}
            """);

        var answer = await SendAsync(path, Encoding.UTF8.GetBytes(body), contentType, r => AuthorizeBasic(r, key), r =>
        {
            r.Headers.Add("Origin", "https://shop.example");
            r.Headers.Add("AnonymousId", "ZGUxOTA3ZDQ=");
            r.Headers.Add("SentAt", Now());
            r.Headers.Add("X-Retry-Count", "1");
        });

        Assert.Equal((200, "*"), (answer.Status, answer.Headers["Access-Control-Allow-Origin"]));
        Assert.DoesNotContain(key, (await _server.GetAsync($"/v1/customers/{user}/timeline")).Body);
    }

    [Fact]
    public async Task Beacon_has_its_key_in_the_query_alone()
    {
        var user = Events.NewCustomer();
        var key = await _server.AddBrowserKeyAsync();
        var batch = Encoding.UTF8.GetBytes($$"""{"batch":[{{Event(user, "page", "\"name\":\"Checkout\"")}}]}""");

        var taken = await SendAsync("/beacon/v1/batch?writeKey=" + key, batch, "text/plain");
        var refused = await SendAsync("/beacon/v1/batch?writeKey=nonsense", batch, "text/plain");

        Assert.Equal((200, 401), (taken.Status, refused.Status));
        Assert.Single(await TimelineAsync(user));
    }

    [Fact]
    public async Task Batch_sent_again_byte_by_byte_counts_once()
    {
        var user = Events.NewCustomer();
        var body = Gzip($$"""{"batch":[{{Event(user, "track", "\"event\":\"Own Id\"")}}],"sentAt":"{{Now()}}"}""");

        foreach (var expected in new[] { 1, 0, 0 })
        {
            var answer = await SendAsync(
                "/v1/batch", body, "application/x-www-form-urlencoded", Basic, r => r.Content!.Headers.Add("Content-Encoding", "gzip"));
            Assert.Equal(expected, answer.Json["accepted"].GetInt32());
        }
    }

    [Fact]
    public async Task Payload_is_kept_as_it_was_sent()
    {
        var user = Events.NewCustomer();
        const string Raw = """{"n":12345678901234567890,"f":1.50,"t":"Gr\u00fc\u00dfe €","nested":{"a":[{"b":null}]}, "e":1e2}""";

        await _server.IngestAsync(Event(user, "track", $"\"event\":\"X\",\"timestamp\":\"2026-01-02T03:04:05+02:00\",\"properties\":{Raw}"));

        var item = Assert.Single(await TimelineAsync(user));
        Assert.Equal(Raw, item.GetProperty("payload").GetProperty("properties").GetRawText());
        Assert.Equal("2026-01-02T03:04:05+02:00", item.GetProperty("payload").GetProperty("timestamp").GetString());
        Assert.Equal("2026-01-02T01:04:05Z", item.GetProperty("time").GetString());
    }

    private static string Event(string user, string type, string fields) =>
        $$"""{"type":"{{type}}","userId":"{{user}}","messageId":"{{Guid.NewGuid()}}",{{fields.Trim()}}}""";

    private static string Now() => DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static void Basic(HttpRequestMessage request) => AuthorizeBasic(request, TestServer.WriteKey);

    private static void AuthorizeBasic(HttpRequestMessage request, string key) =>
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(key + ":")));

    private async Task<JsonElement[]> TimelineAsync(string customer) =>
        [.. (await _server.GetAsync($"/v1/customers/{customer}/timeline")).Json["items"].EnumerateArray()];

    private Task<Answer> SendAsync(string path, byte[] body, string contentType, params Action<HttpRequestMessage>[] changes) =>
        _server.SendAsync(HttpMethod.Post, path, null, null, request =>
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            foreach (var change in changes)
                change(request);
        });
}
