using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Loyalty;

public sealed class RedemptionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Points_are_held_then_spent_and_the_ledger_tells_it()
    {
        var customer = await BuyAsync(100);

        var hold = await HoldAsync(customer, "k1", """{"points":40,"orderId":"next"}""");
        var held = await LoyaltyAsync(customer);
        var commit = await EndAsync(customer, hold, "commit");
        var again = await EndAsync(customer, hold, "commit");
        var ledger = await _server.GetAsync($"/v1/customers/{customer}/ledger");

        Assert.Equal(201, hold.Status);
        Assert.Equal("100/40/60", held);
        Assert.Equal((200, "committed", commit.Body), (commit.Status, commit.Json["status"].GetString(), again.Body));
        Assert.Equal("60/0/60", await LoyaltyAsync(customer));
        Assert.Equal(
            ["redeemed 60", "held 100", "earned 100"],
            ledger.Json["items"].EnumerateArray().Select(l => l.GetProperty("reason").GetString() + " " + l.GetProperty("balance").GetInt64()));
        Assert.Equal(0, ledger.Json["accounts"].EnumerateObject().Sum(a => a.Value.GetInt64()));
    }

    [Fact]
    public async Task Same_key_gets_the_same_answer_and_another_body_is_refused()
    {
        var customer = await BuyAsync(50);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => HoldAsync(customer, "same", """{"points":30}""")));
        var refused = await HoldAsync(customer, "more", """{"points":30}""");
        await _server.IngestAsync(Events.Order(customer, customer + "-2", 500));
        var repeated = await HoldAsync(customer, "more", """{"points":30}""");
        var reused = await HoldAsync(customer, "same", """{"points":31}""");

        Assert.Equal((201, answers[0].Body), (answers[0].Status, Assert.Single(answers.Select(a => a.Body).Distinct())));
        Assert.Equal((409, "insufficient_points"), (refused.Status, refused.Code));
        Assert.Equal((409, "insufficient_points"), (repeated.Status, repeated.Code));
        Assert.Equal((422, "idempotency_key_reused"), (reused.Status, reused.Code));
        Assert.Equal("550/30/520", await LoyaltyAsync(customer));
    }

    [Fact]
    public async Task Cancelled_hold_is_free_again_and_cannot_be_spent()
    {
        var customer = await BuyAsync(50);
        var hold = await HoldAsync(customer, "k", """{"points":50}""");

        var cancel = await EndAsync(customer, hold, "cancel");
        var repeat = await EndAsync(customer, hold, "cancel");
        var late = await EndAsync(customer, hold, "commit");
        var second = await HoldAsync(customer, "k2", """{"points":50}""");
        await EndAsync(customer, second, "commit");
        var tooLate = await EndAsync(customer, second, "cancel");

        Assert.Equal((200, 200), (cancel.Status, repeat.Status));
        Assert.Equal((409, "hold_cancelled"), (late.Status, late.Code));
        Assert.Equal((409, "hold_committed"), (tooLate.Status, tooLate.Code));
        Assert.Equal("0/0/0", await LoyaltyAsync(customer));
    }

    [Theory]
    [InlineData("k", """{"points":0}""", 400, "invalid_points")]
    [InlineData("k", """{}""", 400, "invalid_points")]
    [InlineData("k", """{"points":1.5}""", 400, "invalid_json")]
    [InlineData("", """{"points":1}""", 400, "invalid_idempotency_key")]
    [InlineData("k", """{"points":9999}""", 409, "insufficient_points")]
    [InlineData("k", """{"points":1,"orderId":7}""", 400, "invalid_json")]
    public async Task What_cannot_be_held_has_its_code(string key, string body, int status, string code)
    {
        var answer = await HoldAsync(await BuyAsync(10), key, body);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Customer_and_hold_must_exist()
    {
        var nobody = await HoldAsync("nobody-here", "k", """{"points":1}""");
        var customer = await BuyAsync(10);
        var noHold = await _server.PostAsync($"/v1/customers/{customer}/redemptions/0-0/commit", "", TestServer.ApiKey);
        var noName = await _server.PostAsync($"/v1/customers/{customer}/redemptions/x/cancel", "", TestServer.ApiKey);

        Assert.Equal((404, "customer_not_found"), (nobody.Status, nobody.Code));
        Assert.Equal((404, "hold_not_found"), (noHold.Status, noHold.Code));
        Assert.Equal((404, "hold_not_found"), (noName.Status, noName.Code));
    }

    [Fact]
    public async Task Order_that_is_too_long_is_not_blamed_on_the_points()
    {
        var answer = await HoldAsync("anybody", "k", $$"""{"points":1,"orderId":"{{new string('o', 256)}}"}""");

        Assert.Equal((400, "invalid_order"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Customers_token_redeems_for_its_customer_alone()
    {
        var (mine, other) = (await BuyAsync(10), await BuyAsync(10));
        var token = (await _server.PostAsync($"/v1/customers/{mine}/tokens", """{"scopes":["redeem"]}""", TestServer.ApiKey)).Json["token"].GetString();

        Assert.Equal(201, (await HoldAsync(mine, "k", """{"points":1}""", token)).Status);
        Assert.Equal(403, (await HoldAsync(other, "k", """{"points":1}""", token)).Status);
    }

    [Fact]
    public async Task Adjustment_counts_once_and_may_take_what_is_not_there()
    {
        var customer = await BuyAsync(10);

        var given = await AdjustAsync(customer, "a", """{"points":25,"reason":"Parcel came late"}""");
        var again = await AdjustAsync(customer, "a", """{"points":25,"reason":"Parcel came late"}""");
        var other = await AdjustAsync(customer, "a", """{"points":26,"reason":"Parcel came late"}""");
        await AdjustAsync(customer, "b", """{"points":-50,"reason":"Given by mistake"}""");
        var wordless = await AdjustAsync(customer, "c", """{"points":5}""");

        Assert.Equal((201, given.Body), (given.Status, again.Body));
        Assert.Equal((422, "idempotency_key_reused"), (other.Status, other.Code));
        Assert.Equal((400, "invalid_reason"), (wordless.Status, wordless.Code));
        Assert.Equal("-15/0/-15", await LoyaltyAsync(customer));
    }

    [Fact]
    public async Task Ledger_pages_back_to_its_first_line()
    {
        var customer = Events.NewCustomer();
        foreach (var part in Enumerable.Range(1, 130).Chunk(65))
            await _server.IngestAsync([.. part.Select(i => Events.Order(customer, $"{customer}-{i}", i))]);
        var balances = new List<long>();
        var next = "";
        do
        {
            var page = await _server.GetAsync($"/v1/customers/{customer}/ledger?limit=60" + next);
            Assert.Equal(200, page.Status);
            balances.AddRange(page.Json["items"].EnumerateArray().Select(l => l.GetProperty("balance").GetInt64()));
            next = page.Json["next"].GetString() is { } cursor ? "&before=" + cursor : "";
        }
        while (next.Length > 0);

        Assert.Equal(Enumerable.Range(1, 130).Select(i => i * (i + 1L) / 2).Reverse(), balances);
        Assert.Equal("invalid_cursor", (await _server.GetAsync($"/v1/customers/{customer}/ledger?before=x")).Code);
        Assert.Equal("invalid_limit", (await _server.GetAsync($"/v1/customers/{customer}/ledger?limit=0")).Code);
    }

    private async Task<string> BuyAsync(int amount)
    {
        var customer = Events.NewCustomer();
        Assert.Equal(200, (await _server.IngestAsync(Events.Order(customer, customer + "-1", amount))).Status);
        return customer;
    }

    private Task<Answer> HoldAsync(string customer, string key, string body, string? token = TestServer.ApiKey) =>
        SendAsync($"/v1/customers/{customer}/redemptions", key, body, token);

    private Task<Answer> AdjustAsync(string customer, string key, string body) =>
        SendAsync($"/v1/customers/{customer}/adjustments", key, body, TestServer.ApiKey);

    private Task<Answer> EndAsync(string customer, Answer hold, string how) =>
        _server.PostAsync($"/v1/customers/{customer}/redemptions/{hold.Json["holdId"].GetString()}/{how}", "", TestServer.ApiKey);

    private Task<Answer> SendAsync(string path, string key, string body, string? token) => _server.SendAsync(HttpMethod.Post, path, token, body, request =>
    {
        if (key.Length > 0)
            request.Headers.Add("Idempotency-Key", key);
    });

    private async Task<string> LoyaltyAsync(string customer)
    {
        var loyalty = (await _server.GetAsync("/v1/customers/" + customer)).Json["loyalty"];
        return $"{loyalty.GetProperty("balance")}/{loyalty.GetProperty("held")}/{loyalty.GetProperty("available")}";
    }
}
