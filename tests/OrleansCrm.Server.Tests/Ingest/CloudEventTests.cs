using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Ingest.CloudEvents;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>CloudEvents 1.0 in its three modes.</summary>
public sealed class CloudEventTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("Order Completed", "Order Completed")]
    [InlineData("order.completed", "Order Completed")]
    [InlineData("com.example.order.completed", "Order Completed")]
    [InlineData("com.example.order_completed.v2", "Order Completed")]
    [InlineData("com.example/shop:OrderCompleted", "Order Completed")]
    [InlineData("io.shop.product-viewed", "Product Viewed")]
    [InlineData("com.example.ticket_opened", "Ticket Opened")]
    [InlineData("com.example.reorder.completed", "com.example.reorder.completed")]
    [InlineData("com.example.order.placed", "com.example.order.placed")]
    [InlineData("v1", "v1")]
    [InlineData("...", "...")]
    [InlineData("com.example.identify", null)]
    public void Type_names_the_event_by_its_end(string type, string? expected) => Assert.Equal(expected, CloudEventCall.EventOf(type));

    [Fact]
    public async Task Structured_event_counts_as_the_order_it_is_and_is_kept_whole()
    {
        var user = Events.NewCustomer();

        var answer = await SendAsync(Order(user, "e-1", """, "time":"2026-01-02T03:04:05.678Z","dataschema":"https://example.test/order/1","partitionkey":"p","sampled":true,"n":-7"""), Structured);

        Assert.Equal("""{"success":true,"accepted":1,"duplicate":0,"rejected":[]}""", answer.Body);
        Assert.Equal(49, (await _server.GetAsync("/v1/customers/" + user)).Json["loyalty"].GetProperty("balance").GetInt32());
        var item = Assert.Single(await TimelineAsync(user));
        Assert.Equal(("Order Completed", "2026-01-02T03:04:05.678Z", "e-1"), (Text(item, "event"), Text(item, "time"), Text(item, "messageId")));
        Assert.Equal("""{"order_id":"o-1","revenue":49.90,"currency":"EUR","note":"Grüße €"}""", item.GetProperty("payload").GetProperty("properties").GetRawText());
        var kept = item.GetProperty("payload").GetProperty("context").GetProperty("cloudEvent");
        Assert.Equal(("/shop/eu-1", "com.example.order.completed", "p"), (Text(kept, "source"), Text(kept, "type"), Text(kept, "partitionkey")));
        Assert.Equal((true, -7), (kept.GetProperty("sampled").GetBoolean(), kept.GetProperty("n").GetInt32()));
    }

    [Fact]
    public async Task Binary_event_has_its_attributes_in_percent_encoded_headers()
    {
        var user = Events.NewCustomer();

        var answer = await SendBinaryAsync("""{"name":"Tasse"}""", "application/json; charset=utf-8", user + "%20%C3%BC", r => r.Headers.Add("ce-traceparent", "00-1"));

        Assert.Equal((200, 1), (answer.Status, answer.Json["accepted"].GetInt32()));
        var item = Assert.Single(await TimelineAsync(Uri.EscapeDataString(user + " ü")));
        Assert.Equal("Product Viewed", Text(item, "event"));
        Assert.Equal("Tasse", Text(item.GetProperty("payload").GetProperty("properties"), "name"));
        Assert.Equal("00-1", Text(item.GetProperty("payload").GetProperty("context").GetProperty("cloudEvent"), "traceparent"));
    }

    [Fact]
    public async Task Data_that_is_no_JSON_is_kept_in_base64()
    {
        var user = Events.NewCustomer();

        await SendBinaryAsync("plain text", "text/plain", user);

        var item = Assert.Single(await TimelineAsync(user));
        var kept = item.GetProperty("payload").GetProperty("context").GetProperty("cloudEvent");
        Assert.Equal("plain text", Encoding.UTF8.GetString(kept.GetProperty("data_base64").GetBytesFromBase64()));
    }

    [Fact]
    public async Task Batch_refuses_items_one_by_one_and_names_the_attribute()
    {
        var user = Events.NewCustomer();
        string[] items =
        [
            Order(user, "b-1"),
            """{"specversion":"1.0","id":"b-2","type":"t","subject":"u"}""",
            """{"specversion":"1.0","id":"b-3","source":"/s","type":"t"}""",
            "7",
            $$"""{"specversion":"1.0","id":"b-5","source":"/s","type":"order.completed","subject":"{{user}}","data":{"revenue":1} }""",
            $$"""{"specversion":"1.0","id":"b-6","source":"/s","type":"t","subject":"{{user}}","data":{{string.Concat(Enumerable.Repeat("[", 80))}}{{new string(']', 80)}} }""",
            Order(user, "b-7").Replace("o-1", "o-7", StringComparison.Ordinal),
        ];

        var answer = await SendAsync($"[{string.Join(',', items)}]", "application/cloudevents-batch+json; charset=utf-8");

        Assert.Equal((200, 2), (answer.Status, answer.Json["accepted"].GetInt32()));
        Assert.Equal(
            [(1, "missing_attribute"), (2, "missing_user"), (3, "invalid_item"), (4, "missing_order_id"), (5, "too_deep")],
            answer.Json["rejected"].EnumerateArray().Select(r => (r.GetProperty("index").GetInt32(), Text(r, "code"))));
        Assert.Contains("\"source\"", Text(answer.Json["rejected"][0], "detail"));
        Assert.Contains("\"subject\"", Text(answer.Json["rejected"][1], "detail"));
    }

    [Theory]
    [InlineData("""{"id":"1","source":"/s","type":"t"}""", "specversion")]
    [InlineData("""{"specversion":"0.3","id":"1","source":"/s","type":"t"}""", "specversion")]
    [InlineData("""{"specversion":"1.0","source":"/s","type":"t"}""", "id")]
    [InlineData("""{"order_id":"no event at all"}""", "specversion")]
    [InlineData("""{"specversion":"1.0","id":"","source":"/s","type":"t"}""", "id")]
    [InlineData("""{"specversion":"1.0","id":7,"source":"/s","type":"t"}""", "id")]
    [InlineData("""{"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"}""", "id")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"not a uri","type":"t"}""", "source")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":null}""", "type")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"yesterday"}""", "time")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2026-01-02"}""", "time")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","dataschema":"relative"}""", "dataschema")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":"nonsense"}""", "datacontenttype")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"a\u0000b"}""", "subject")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","Upper":"x"}""", "Upper")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":{"a":1}}""", "ext")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","ext":1.5}""", "ext")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":"AQ=="}""", "data_base64")]
    [InlineData("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"!"}""", "data_base64")]
    public async Task Attribute_that_is_not_as_the_specification_asks_is_named(string body, string attribute)
    {
        var answer = await SendAsync(body, Structured);

        Assert.Equal(400, answer.Status);
        Assert.Contains(answer.Code, attribute == "time" ? ["invalid_timestamp"] : new[] { "missing_attribute", "invalid_attribute", "invalid_data" });
        Assert.Equal(attribute, answer.Json["attribute"].GetString());
        Assert.Contains($"\"{attribute}\"", answer.Json["detail"].GetString());
    }

    [Fact]
    public async Task Source_and_id_together_tell_a_repeat()
    {
        var user = Events.NewCustomer();

        var first = await SendAsync(Order(user, "same"), Structured);
        var again = await SendAsync($"[{Order(user, "same")}]", "application/cloudevents-batch+json");
        var otherSource = await SendAsync(Order(user, "same").Replace("eu-1", "eu-2", StringComparison.Ordinal), Structured);
        var call = await _server.IngestAsync(Events.Track(user, "same"));

        Assert.Equal([1, 0, 1, 1], new[] { first, again, otherSource, call }.Select(a => a.Json["accepted"].GetInt32()));
    }

    [Fact]
    public async Task Identify_sets_traits_and_a_prefix_says_that_the_subject_is_anonymous()
    {
        var visitor = Events.NewCustomer();

        await SendAsync($$"""{"specversion":"1.0","id":"1","source":"/s","type":"com.shop.identify","subject":"anonymous:{{visitor}}","data":{"size":"L"} }""", Structured);

        Assert.Equal("L", (await _server.GetAsync("/v1/customers/anonymous:" + visitor)).Json["traits"].GetProperty("size").GetString());
    }

    [Theory]
    [InlineData("application/cloudevents+avro", "{}", 415)]
    [InlineData("application/cloudevents+json", "[]", 400)]
    [InlineData("application/cloudevents-batch+json", "{}", 400)]
    [InlineData("application/cloudevents-batch+json", "[]", 200)]
    [InlineData("application/json", "nonsense", 400)]
    [InlineData("application/json", "7", 400)]
    public async Task Body_that_is_none_of_the_three_modes_is_refused(string contentType, string body, int status) =>
        Assert.Equal(status, (await SendAsync(body, contentType)).Status);

    [Fact]
    public async Task Event_without_a_key_is_refused_and_one_of_a_browser_is_unconfirmed()
    {
        var user = Events.NewCustomer();
        var key = await _server.AddBrowserKeyAsync();

        Assert.Equal(401, (await _server.PostAsync("/v1/events", Order(user, "1"), null)).Status);
        Assert.Equal(200, (await _server.PostAsync("/v1/events?writeKey=" + key, Order(user, "1"), null)).Status);
        Assert.Equal(0, (await _server.GetAsync("/v1/customers/" + user)).Json["value"].GetProperty("orders").GetInt32());
    }

    [Fact]
    public async Task Sender_of_webhooks_that_asks_first_may_send_with_a_key()
    {
        Task<Answer> AskAsync(string key) => _server.SendAsync(
            HttpMethod.Options, "/v1/events?writeKey=" + key, null, null, r => r.Headers.Add("WebHook-Request-Origin", "eventemitter.example"));

        Assert.Equal("*", (await AskAsync(TestServer.WriteKey)).Headers["WebHook-Allowed-Origin"]);
        Assert.Equal(401, (await AskAsync("nonsense")).Status);
    }

    private const string Structured = "application/cloudevents+json; charset=utf-8";

    private static string Order(string user, string id, string more = "") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"/shop/eu-1","type":"com.example.order.completed","subject":"{{user}}","data":{"order_id":"o-1","revenue":49.90,"currency":"EUR","note":"Grüße €"}{{more}}}""";

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private Task<Answer> SendBinaryAsync(string data, string contentType, string subject, Action<HttpRequestMessage>? change = null) =>
        SendAsync(data, contentType, r =>
        {
            r.Headers.Add("ce-id", Guid.NewGuid().ToString());
            r.Headers.Add("ce-source", "/shop/eu-1");
            r.Headers.Add("CE-Type", "com.example.product.viewed");
            r.Headers.Add("ce-specversion", "1.0");
            r.Headers.Add("ce-subject", subject);
            change?.Invoke(r);
        });

    private Task<Answer> SendAsync(string body, string contentType, Action<HttpRequestMessage>? change = null) =>
        _server.SendAsync(HttpMethod.Post, "/v1/events", TestServer.WriteKey, null, request =>
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
            change?.Invoke(request);
        });

    private async Task<JsonElement[]> TimelineAsync(string customer) =>
        [.. (await _server.GetAsync($"/v1/customers/{customer}/timeline")).Json["items"].EnumerateArray()];
}
