using System.Net.Http.Headers;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Quarantine;

/// <summary>What is refused for good is kept, shown, and can be sent in again; nothing counts twice on the way.</summary>
public sealed class QuarantineTests : IAsyncLifetime
{
    private int _eventBytesMax = 2_000;
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(configure: options =>
    {
        options.Ingest.EventBytesMax = _eventBytesMax;
        options.Ingest.BatchEventsMax = 1_100;
        options.Quarantine.RowsMax = 20;
        options.Quarantine.ItemBytesMax = 4_000;
    });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Refused_items_are_listed_newest_first_with_reason_and_raw_text()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync("""{"type":"track","event":"X", "messageId":"nobody"}""", Events.Track(user), "[1, 2]");
        await _server.PostAsync("/v1/track", $$"""{"userId":"{{user}}","writeKey":"{{TestServer.WriteKey}}"}""", null);

        var list = (await _server.GetAsync("/v1/quarantine")).Json;
        var items = list["items"].EnumerateArray().ToArray();

        Assert.Equal(["missing_event", "invalid_item", "missing_user"], items.Select(Code));
        Assert.Equal("""{"type":"track","event":"X", "messageId":"nobody"}""", items[2].GetProperty("raw").GetString());
        Assert.Equal("nobody", items[2].GetProperty("messageId").GetString());
        Assert.Equal("[1, 2]", items[1].GetProperty("raw").GetString());
        Assert.Equal(("track", $$"""{"userId":"{{user}}"}"""), (items[0].GetProperty("call").GetString(), items[0].GetProperty("raw").GetString()));
        Assert.All(items, item => Assert.Equal("waiting", Status(item)));
        Assert.Equal((3, 0), (list["kept"].GetInt32(), list["dropped"].GetInt32()));
        Assert.Equal(JsonValueKind.Null, list["next"].ValueKind);
    }

    [Fact]
    public async Task Pages_and_codes_narrow_the_list()
    {
        await _server.IngestAsync([.. Enumerable.Range(0, 5).Select(i => $$"""{"type":"track","event":"{{i}}"}"""), "7"]);

        var first = (await _server.GetAsync("/v1/quarantine?code=missing_user&limit=3")).Json;
        var second = (await _server.GetAsync("/v1/quarantine?code=missing_user&limit=3&after=" + first["next"].GetString())).Json;

        Assert.Equal(["4", "3", "2", "1", "0"], Raws(first).Concat(Raws(second)).Select(raw => JsonDocument.Parse(raw).RootElement.GetProperty("event").GetString()));
        Assert.Equal(JsonValueKind.Null, second["next"].ValueKind);
        Assert.Equal(400, (await _server.GetAsync("/v1/quarantine?after=x")).Status);
        Assert.Equal(400, (await _server.GetAsync("/v1/quarantine?limit=0")).Status);
        Assert.Equal("quarantined_not_found", (await _server.GetAsync("/v1/quarantine/x")).Code);
        Assert.Equal("quarantined_not_found", (await _server.PostAsync("/v1/quarantine/999/replay", "", TestServer.ApiKey)).Code);
    }

    [Fact]
    public async Task Item_that_is_still_bad_fails_again_and_says_why()
    {
        await _server.IngestAsync("""{"type":"track","event":"X"}""");
        var id = (await ItemsAsync()).Single().GetProperty("id").GetString();

        var replayed = await _server.PostAsync($"/v1/quarantine/{id}/replay", "", TestServer.ApiKey);

        Assert.Equal((200, "failed"), (replayed.Status, Status(replayed.Element)));
        var shown = (await _server.GetAsync("/v1/quarantine/" + id)).Element;
        Assert.Equal(("failed", 1, "missing_user"), (Status(shown), shown.GetProperty("replays").GetInt32(), Code(shown.GetProperty("outcome"))));
    }

    [Fact]
    public async Task Item_is_taken_once_when_the_reason_is_gone_however_often_it_is_replayed_or_sent()
    {
        var user = Events.NewCustomer();
        var large = Events.Order(user, user + "-1", 10).Replace("\"properties\":{", $"\"note\":\"{new string('x', 3_000)}\",\"properties\":{{");
        Assert.Equal("too_large", Code((await _server.IngestAsync(large)).Json["rejected"][0]));
        Assert.Equal("too_large", Code((await _server.IngestAsync(large)).Json["rejected"][0]));
        var item = (await ItemsAsync()).Single();
        Assert.Equal(2, item.GetProperty("times").GetInt32());

        _eventBytesMax = 32 << 10;
        await _server.RestartAsync();
        var replayed = await _server.PostAsync($"/v1/quarantine/{item.GetProperty("id").GetString()}/replay", "", TestServer.ApiKey);
        var again = await _server.PostAsync($"/v1/quarantine/{item.GetProperty("id").GetString()}/replay", "", TestServer.ApiKey);
        var sent = await _server.IngestAsync(large);

        Assert.Equal(("replayed", "accepted"), (Status(replayed.Element), Code(replayed.Json["outcome"])));
        Assert.Equal((1, "accepted"), (again.Json["replays"].GetInt32(), Code(again.Json["outcome"])));
        Assert.Equal(1, sent.Json["duplicate"].GetInt32());
        Assert.Equal(1, await OrdersAsync(user));
    }

    [Fact]
    public async Task All_items_of_a_code_are_replayed_in_the_order_they_came()
    {
        var user = Events.NewCustomer();
        var padding = new string('x', 3_000);
        await _server.IngestAsync([.. Enumerable.Range(0, 5).Select(i => $$"""{"type":"track","userId":"{{user}}","event":"E{{i}}","pad":"{{padding}}"}"""), "7"]);
        _eventBytesMax = 32 << 10;
        await _server.RestartAsync();

        var first = await _server.PostAsync("/v1/quarantine/replay?code=too_large&limit=3", "", TestServer.ApiKey);
        var second = await _server.PostAsync("/v1/quarantine/replay?code=too_large&limit=3&after=" + first.Json["next"].GetString(), "", TestServer.ApiKey);
        var third = await _server.PostAsync("/v1/quarantine/replay?code=too_large", "", TestServer.ApiKey);

        Assert.Equal((3, 2, 0), (Replayed(first), Replayed(second), Replayed(third)));
        var timeline = (await _server.GetAsync($"/v1/customers/{user}/timeline")).Json["items"].EnumerateArray();
        Assert.Equal(["E4", "E3", "E2", "E1", "E0"], timeline.Select(e => e.GetProperty("payload").GetProperty("event").GetString()));
        Assert.Equal("missing_code", (await _server.PostAsync("/v1/quarantine/replay", "", TestServer.ApiKey)).Code);
    }

    [Fact]
    public async Task Entry_that_could_not_be_folded_is_listed_and_replayed_under_an_id_of_its_own()
    {
        var user = Events.NewCustomer();
        string Refund(int i) => $$"""{"type":"track","userId":"{{user}}","messageId":"r{{i}}","event":"Order Refunded","properties":{"order_id":"o{{i}}","refund_id":"r{{i}}","amount":1} }""";
        await _server.IngestAsync([.. Enumerable.Range(0, 1_000).Select(Refund)]);
        var refused = await _server.IngestAsync(Refund(1_000));
        Assert.Equal("faulted", Code(refused.Json["rejected"][0]));
        var item = (await ItemsAsync()).Single();
        Assert.Matches("^[0-9]+-[0-9]+$", item.GetProperty("entry").GetString());
        var path = $"/v1/quarantine/{item.GetProperty("id").GetString()}/replay";
        Assert.Equal("faulted", Code((await _server.PostAsync(path, "", TestServer.ApiKey)).Json["outcome"]));

        // An order that comes at last makes room among those that are waited for.
        await _server.IngestAsync(Events.Order(user, "o0", 5));
        var replayed = await _server.PostAsync(path, "", TestServer.ApiKey);
        await _server.PostAsync(path, "", TestServer.ApiKey);
        await _server.IngestAsync(Events.Order(user, "o1000", 5));

        Assert.Equal("accepted", Code(replayed.Json["outcome"]));
        var value = (await _server.GetAsync("/v1/customers/" + user)).Json["value"];
        Assert.Equal((2, 8m), (value.GetProperty("orders").GetInt32(), value.GetProperty("revenue").GetProperty("EUR").GetDecimal()));
    }

    [Fact]
    public async Task Oldest_items_make_room_and_what_is_too_large_to_keep_whole_says_so()
    {
        await _server.IngestAsync([.. Enumerable.Range(0, 25).Select(i => $$"""{"type":"track","event":"{{i}}"}""")]);
        await _server.IngestAsync($$"""{"type":"track","event":"big","pad":"{{new string('é', 3_000)}}"}""");

        var list = (await _server.GetAsync("/v1/quarantine")).Json;
        var big = list["items"][0];

        Assert.Equal((20, 6), (list["kept"].GetInt32(), list["dropped"].GetInt32()));
        Assert.False(big.GetProperty("complete").GetBoolean());
        Assert.EndsWith("éé", big.GetProperty("raw").GetString());
        var replayed = await _server.PostAsync($"/v1/quarantine/{big.GetProperty("id").GetString()}/replay", "", TestServer.ApiKey);
        Assert.Equal("incomplete", Code(replayed.Json["outcome"]));
    }

    [Fact]
    public async Task Items_beyond_the_bound_of_a_batch_are_kept_too()
    {
        var user = Events.NewCustomer();
        var answer = await _server.IngestAsync([.. Enumerable.Range(0, 1_103).Select(i => Events.Track(user, $"m{i}"))]);
        Assert.Equal(["too_many", "too_many", "too_many"], answer.Json["rejected"].EnumerateArray().Select(Code));

        Assert.Equal(3, Replayed(await _server.PostAsync("/v1/quarantine/replay?code=too_many", "", TestServer.ApiKey)));

        Assert.Equal(1_103, (await _server.GetAsync("/v1/customers/" + user)).Json["events"].GetInt32());
    }

    [Fact]
    public async Task CloudEvents_beyond_the_bound_of_a_batch_are_kept_too()
    {
        var user = Events.NewCustomer();
        var answer = await SendCloudEventsAsync(Enumerable.Range(0, 1_103).Select(i =>
            $$"""{"specversion":"1.0","id":"{{i}}","source":"/s","type":"t","subject":"{{user}}"}"""));
        Assert.Equal(1_100, answer.Json["accepted"].GetInt32());
        Assert.Equal(["too_many", "too_many", "too_many"], answer.Json["rejected"].EnumerateArray().Select(Code));

        Assert.Equal(3, Replayed(await _server.PostAsync("/v1/quarantine/replay?code=too_many", "", TestServer.ApiKey)));

        Assert.Equal(1_103, (await _server.GetAsync("/v1/customers/" + user)).Json["events"].GetInt32());
    }

    [Fact]
    public async Task Item_that_is_no_CloudEvent_is_kept_under_the_customer_it_names_and_goes_with_him()
    {
        var (user, visitor) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Events.Track(user), $$"""{"type":"page","anonymousId":"{{visitor}}"}""");
        await SendCloudEventsAsync(
        [
            $$"""{"specversion":"1.0","id":"1","type":"t","subject":"{{user}}"}""",
            $$"""{"specversion":"1.0","id":"2","source":"/s","type":"t","data_base64":"!","subject":"anonymous:{{visitor}}"}""",
            """{"specversion":"1.0","id":"3","type":"t","subject":"\ud800"}""",
            "7",
        ]);
        Assert.Equal(4, (await ItemsAsync()).Length);

        foreach (var customer in new[] { user, visitor })
            Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + customer, TestServer.ApiKey)).Status);

        Assert.Equal(["7", """{"specversion":"1.0","id":"3","type":"t","subject":"\ud800"}"""], Raws((await _server.GetAsync("/v1/quarantine")).Json));
    }

    [Fact]
    public async Task Strict_batch_that_is_refused_whole_leaves_nothing_behind()
    {
        var answer = await _server.SendAsync(
            HttpMethod.Post, "/v1/batch", TestServer.WriteKey, """{"batch":[{"type":"track","event":"X"}]}""", r => r.Headers.Add("X-Strict-Mode", "1"));

        Assert.Equal(400, answer.Status);
        Assert.Empty(await ItemsAsync());
    }

    private Task<Answer> SendCloudEventsAsync(IEnumerable<string> events) =>
        _server.SendAsync(HttpMethod.Post, "/v1/events", TestServer.WriteKey, null, request =>
            request.Content = new StringContent($"[{string.Join(',', events)}]", MediaTypeHeaderValue.Parse("application/cloudevents-batch+json")));

    private static string? Code(JsonElement item) => item.GetProperty("code").GetString();

    private static string? Status(JsonElement item) => item.GetProperty("status").GetString();

    private static int Replayed(Answer answer) => answer.Json["replayed"].GetInt32();

    private static IEnumerable<string> Raws(IReadOnlyDictionary<string, JsonElement> list) =>
        list["items"].EnumerateArray().Select(item => item.GetProperty("raw").GetString()!);

    private async Task<JsonElement[]> ItemsAsync() => [.. (await _server.GetAsync("/v1/quarantine")).Json["items"].EnumerateArray()];

    private async Task<int> OrdersAsync(string customer) =>
        (await _server.GetAsync("/v1/customers/" + customer)).Json["value"].GetProperty("orders").GetInt32();
}
