using System.Globalization;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>What is said about single items, and what becomes of them.</summary>
public sealed class IngestItemTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    public static TheoryData<string, string> BadItems => new()
    {
        { """{"type":"track","event":"X"}""", "missing_user" },
        { """{"type":"track","event":"X","userId":"","anonymousId":"  "}""", "missing_user" },
        { """{"type":"track","event":"X","userId":null}""", "missing_user" },
        { """{"type":"track","event":"X","userId":{"id":1}}""", "invalid_user" },
        { """{"type":"track","event":"X","userId":true}""", "invalid_user" },
        { "{\"type\":\"track\",\"event\":\"X\",\"userId\":\"a\\u0000b\"}", "invalid_user" },
        { """{"type":"track","event":"X","userId":"half \ud800"}""", "invalid_user" },
        { $$"""{"type":"track","event":"X","userId":"{{new string('x', 256)}}"}""", "invalid_user" },
        { """{"type":"track","event":"X","userId":"u","timestamp":"yesterday"}""", "invalid_timestamp" },
        { """{"type":"track","event":"X","userId":"u","timestamp":"2026-02-30T00:00:00Z"}""", "invalid_timestamp" },
        { """{"type":"track","event":"X","userId":"u","timestamp":1700000000}""", "invalid_timestamp" },
        { """{"type":"track","event":"X","userId":"u","timestamp":{}}""", "invalid_timestamp" },
        { """{"type":"track","event":"X","userId":"u","originalTimestamp":""}""", "invalid_timestamp" },
        { """{"type":"dance","userId":"u"}""", "unknown_type" },
        { """{"userId":"u","event":"X"}""", "unknown_type" },
        { """{"type":7,"userId":"u"}""", "invalid_value" },
        { """{"type":"track","userId":"u"}""", "missing_event" },
        { """{"type":"track","event":"X","userId":"u","messageId":""}""", "invalid_message_id" },
        { """{"type":"track","event":"X","userId":"u","messageId":{}}""", "invalid_message_id" },
        { $$"""{"type":"track","event":"X","userId":"u","messageId":"{{new string('m', 101)}}"}""", "invalid_message_id" },
        { $$"""{"type":"track","event":"X","userId":"u","properties":{"text":"{{new string('t', 33_000)}}"} }""", "too_large" },
        { $$"""{"type":"track","event":"X","userId":"u","properties":{{Nested(200)}} }""", "too_deep" },
        { """{"type":"track","event":"Order Completed","userId":"u","properties":{"revenue":5}}""", "missing_order_id" },
        { $$"""{"type":"track","event":"X","userId":"u","sentAt":{{Nested(200)}} }""", "too_deep" },
        { $$"""{"type":"page","userId":"u","timestamp":"2026-01-01","originalTimestamp":{{Nested(61)}} }""", "too_deep" },
        { $$"""{"type":"track","event":"X","userId":"u","writeKey":{{Nested(200)}} }""", "too_deep" },
        { """{"type":"track","event":"Consent Changed","userId":"u","properties":{"purpose":"news","granted":"false"}}""", "invalid_granted" },
        { """{"type":"track","event":"Consent Changed","userId":"u"}""", "invalid_purpose" },
        { """{"type":"track","event":"Survey Answered","userId":"u","properties":{"kind":"\ud800","score":1}}""", "invalid_json" },
        { $$"""{"type":"group","userId":"u","groupId":"g","\ud800{{new string('n', 80)}}":1}""", "invalid_json" },
        { $$"""{"type":"alias","userId":"u","previousId":"p","\ud800{{new string('n', 80)}}":1}""", "invalid_json" },
        { "[]", "invalid_item" },
        { "null", "invalid_item" },
        { "\"text\"", "invalid_item" },
    };

    [Theory]
    [MemberData(nameof(BadItems))]
    public async Task Bad_item_is_named_with_its_reason_and_its_neighbours_are_taken(string bad, string code)
    {
        var user = Events.NewCustomer();

        var answer = await _server.IngestAsync(Events.Track(user, "before"), bad, Events.Track(user, "after"));

        Assert.Equal(200, answer.Status);
        Assert.Equal(2, answer.Json["accepted"].GetInt32());
        var rejected = Assert.Single(answer.Json["rejected"].EnumerateArray());
        Assert.Equal((1, code), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("code").GetString()));
        Assert.NotEmpty(rejected.GetProperty("detail").GetString()!);
        Assert.Equal(2, (await ProfileAsync(user)).GetProperty("events").GetInt32());
    }

    [Theory]
    [InlineData("identify", "")]
    [InlineData("track", ",\"event\":\"Product Viewed\"")]
    [InlineData("page", ",\"name\":\"Home\"")]
    [InlineData("screen", ",\"name\":\"Cart\"")]
    [InlineData("group", ",\"groupId\":\"g\"")]
    [InlineData("alias", ",\"previousId\":\"p\"")]
    public async Task Each_call_has_its_path_and_its_short_path(string call, string fields)
    {
        var user = Events.NewCustomer();

        var full = await _server.PostAsync("/v1/" + call, $"{{\"userId\":\"{user}\"{fields}}}", TestServer.WriteKey);
        var brief = await _server.PostAsync("/v1/" + call[0], $"{{\"userId\":\"{user}\"{fields}}}", TestServer.WriteKey);

        Assert.Equal((200, 200), (full.Status, brief.Status));
        var items = (await TimelineAsync(user)).Select(i => i.GetProperty("type").GetString()!);
        Assert.Equal([call, call], items.Where(i => !i.StartsWith("identity.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Message_that_comes_again_counts_once()
    {
        var user = Events.NewCustomer();
        var order = Events.Order(user, user + "-1", 10);

        var first = await _server.IngestAsync(order, order);
        var second = await _server.IngestAsync(order);

        Assert.Equal((1, 1), (first.Json["accepted"].GetInt32(), first.Json["duplicate"].GetInt32()));
        Assert.Equal((0, 1), (second.Json["accepted"].GetInt32(), second.Json["duplicate"].GetInt32()));
        var profile = await ProfileAsync(user);
        Assert.Equal(1, profile.GetProperty("value").GetProperty("orders").GetInt32());
        Assert.Equal(10, profile.GetProperty("loyalty").GetProperty("balance").GetInt32());
    }

    [Fact]
    public async Task Message_without_an_id_counts_each_time()
    {
        var user = Events.NewCustomer();

        await _server.IngestAsync(Events.Track(user), Events.Track(user));

        Assert.Equal(2, (await ProfileAsync(user)).GetProperty("events").GetInt32());
    }

    [Fact]
    public async Task Number_as_user_id_is_its_exact_text()
    {
        var number = "9" + Random.Shared.NextInt64(10_000_000_000_000_000, 99_999_999_999_999_999).ToString(CultureInfo.InvariantCulture) + "7";

        await _server.IngestAsync($"{{\"type\":\"track\",\"event\":\"X\",\"userId\":{number}}}");

        Assert.Equal(number, (await ProfileAsync(number)).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Anonymous_id_is_another_customer_than_the_same_user_id()
    {
        var id = Events.NewCustomer();

        await _server.IngestAsync($"{{\"type\":\"page\",\"anonymousId\":\"{id}\"}}", Events.Track(id), Events.Track(id));

        Assert.Equal(2, (await ProfileAsync(id)).GetProperty("events").GetInt32());
        Assert.Equal(1, (await ProfileAsync("anonymous:" + id)).GetProperty("events").GetInt32());
    }

    [Fact]
    public async Task Key_in_the_body_is_not_kept()
    {
        var user = Events.NewCustomer();
        var body = $$"""{"writeKey":"{{TestServer.WriteKey}}","userId":"{{user}}","event":"Seen \"it\"","wri\u0074eKey":"{{TestServer.WriteKey}}","properties":{"a":[1, 2.50]} }""";

        var answer = await _server.PostAsync("/v1/track", body, null);
        var timeline = await _server.GetAsync($"/v1/customers/{user}/timeline");

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain(TestServer.WriteKey, timeline.Body);
        Assert.Contains("""{"a":[1, 2.50]}""", timeline.Body);
    }

    [Theory]
    [InlineData(-300, -300, 0)] // sent at once by a clock five minutes slow: moved to now
    [InlineData(300, 300, 0)] // and by one five minutes fast
    [InlineData(-3_900, -300, -3_600)] // an hour before it was sent
    [InlineData(-3_600, -5, -3_600)] // five seconds are transport
    [InlineData(-3_600, -90_000, -3_600)] // a clock more than a day off tells nothing
    [InlineData(-3_600, null, -3_600)] // age alone never changes a time
    [InlineData(3_600, null, 0)] // what lies ahead happened now
    public async Task Time_of_an_event_allows_for_the_senders_clock(int timestamp, int? sentAt, int expected)
    {
        var user = Events.NewCustomer();
        var now = DateTimeOffset.UtcNow;
        var sent = sentAt is { } seconds ? $",\"sentAt\":\"{now.AddSeconds(seconds):o}\"" : "";

        await _server.PostAsync(
            "/v1/batch", $"{{\"batch\":[{Events.Track(user, timestamp: now.AddSeconds(timestamp).ToString("o"))}]{sent}}}", TestServer.WriteKey);

        var time = (await TimelineAsync(user)).Single().GetProperty("time").GetDateTimeOffset();
        Assert.InRange((time - now.AddSeconds(expected)).TotalSeconds, -9, 9);
    }

    [Fact]
    public async Task Original_timestamp_counts_where_there_is_no_timestamp()
    {
        var user = Events.NewCustomer();

        await _server.IngestAsync($$"""{"type":"page","userId":"{{user}}","originalTimestamp":"2025-03-01T10:00:00.250+02:00"}""");

        Assert.Equal("2025-03-01T08:00:00.25Z", (await TimelineAsync(user)).Single().GetProperty("time").GetString());
    }

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private async Task<JsonElement> ProfileAsync(string customer) => (await _server.GetAsync("/v1/customers/" + customer)).Element;

    private async Task<JsonElement[]> TimelineAsync(string customer) =>
        [.. (await _server.GetAsync($"/v1/customers/{customer}/timeline")).Json["items"].EnumerateArray()];
}
