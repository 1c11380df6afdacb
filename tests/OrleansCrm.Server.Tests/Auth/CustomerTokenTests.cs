using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class CustomerTokenTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Token_opens_its_customer_and_nobody_else()
    {
        var (ada, eve) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Events.Order(ada, ada, 10), Events.Order(eve, eve, 20));
        var made = await MakeAsync(ada, """{"scopes":["decisions","redeem","self"],"seconds":900}""");
        var token = made.Json["token"].GetString()!;

        Assert.Equal(DateTimeOffset.UtcNow.AddSeconds(900), made.Json["expiresAt"].GetDateTimeOffset(), TimeSpan.FromSeconds(30));
        Assert.Equal(ada, (await _server.GetAsync("/v1/me", token)).Json["id"].GetString());
        foreach (var path in new[] { "/v1/customers/" + ada, "/v1/customers/" + eve, "/v1/desks/default/alerts", "/v1/keys" })
            Assert.Equal(403, (await _server.GetAsync(path, token)).Status);
        Assert.Equal(401, (await _server.PostAsync("/v1/batch", """{"batch":[]}""", token)).Status);
    }

    [Fact]
    public async Task Token_whose_customer_was_exchanged_opens_nothing()
    {
        var (ada, eve) = (Events.NewCustomer(), Events.NewCustomer());
        await _server.IngestAsync(Events.Order(ada, ada, 10), Events.Order(eve, eve, 20));
        var adas = (await MakeAsync(ada, """{"scopes":["self"]}""")).Json["token"].GetString()!;
        var eves = (await MakeAsync(eve, """{"scopes":["self"]}""")).Json["token"].GetString()!;

        var mixed = adas[..46] + eves[46..];

        Assert.NotEqual(adas, mixed);
        foreach (var forged in new[] { mixed, adas[..46], adas + "x", "ct_", "ct_" + new string('A', 600) })
            Assert.Equal(401, (await _server.GetAsync("/v1/me", forged)).Status);
    }

    [Fact]
    public async Task Token_without_scope_self_reads_nothing()
    {
        var token = (await MakeAsync(Events.NewCustomer(), """{"scopes":["decisions"]}""")).Json["token"].GetString()!;

        Assert.Equal(403, (await _server.GetAsync("/v1/me", token)).Status);
    }

    [Theory]
    [InlineData("read", "self", 403)]
    [InlineData("privacy", "self", 403)]
    [InlineData("read\",\"privacy", "self", 201)]
    [InlineData("read", "decisions", 403)]
    [InlineData("decide", "redeem", 403)]
    [InlineData("redeem", "redeem", 201)]
    public async Task Key_hands_out_no_more_than_it_has(string has, string gives, int status)
    {
        var key = (await _server.PostAsync("/v1/keys", $$"""{"scopes":["{{has}}"]}""", TestServer.ApiKey)).Json["key"].GetString();

        var made = await _server.PostAsync($"/v1/customers/{Events.NewCustomer()}/tokens", $$"""{"scopes":["{{gives}}"]}""", key);

        Assert.Equal(status, made.Status);
    }

    [Theory]
    [InlineData("x", """{"scopes":["everything"]}""", "invalid_scopes")]
    [InlineData("x", """{"scopes":[]}""", "invalid_scopes")]
    [InlineData("x", """{"seconds":0}""", "invalid_seconds")]
    [InlineData("x", """{"seconds":86401}""", "invalid_seconds")]
    [InlineData("x", """{"seconds":"long"}""", "invalid_json")]
    [InlineData("%01", "{}", "invalid_customer_id")]
    public async Task Token_that_cannot_be_has_its_reason(string customer, string body, string code)
    {
        var made = await MakeAsync(customer, body);

        Assert.Equal((400, code), (made.Status, made.Code));
    }

    [Fact]
    public async Task Instants_are_told_to_the_millisecond()
    {
        var made = await MakeAsync("x", "{}");

        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", made.Json["expiresAt"].GetString());
    }

    [Fact]
    public async Task Token_ends_with_the_key_that_made_it()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(user, user, 10));
        var key = await _server.PostAsync("/v1/keys", """{"scopes":["read","privacy"]}""", TestServer.ApiKey);
        var made = await _server.PostAsync($"/v1/customers/{user}/tokens", """{"scopes":["self"]}""", key.Json["key"].GetString());
        var token = made.Json["token"].GetString();
        Assert.Equal(200, (await _server.GetAsync("/v1/me", token)).Status);

        await _server.SendAsync(HttpMethod.Delete, "/v1/keys/" + key.Json["id"].GetString(), TestServer.ApiKey);

        Assert.Equal(401, (await _server.GetAsync("/v1/me", token)).Status);
    }

    [Fact]
    public async Task Token_ends_with_its_time_and_outlives_a_restart()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(services: s => s.AddSingleton<TimeProvider>(time));
        var user = "ü " + Events.NewCustomer();
        await server.IngestAsync(Events.Order(user, user, 10));
        var made = await server.PostAsync($"/v1/customers/{Uri.EscapeDataString(user)}/tokens", """{"scopes":["self"],"seconds":600}""", TestServer.ApiKey);
        var token = made.Json["token"].GetString();

        await server.RestartAsync();
        Assert.Equal(user, (await server.GetAsync("/v1/me", token)).Json["id"].GetString());
        time.Advance(TimeSpan.FromSeconds(601));

        Assert.Equal(401, (await server.GetAsync("/v1/me", token)).Status);
    }

    [Fact]
    public async Task Anonymous_customer_who_has_been_seen_is_the_one_that_is_meant()
    {
        var visitor = Events.NewCustomer();
        await _server.IngestAsync($$"""{"type":"page","anonymousId":"{{visitor}}","name":"Home"}""");

        var token = (await MakeAsync(visitor, """{"scopes":["self"]}""")).Json["token"].GetString();

        Assert.Equal(1, (await _server.GetAsync("/v1/me", token)).Json["events"].GetInt32());
    }

    [Fact]
    public async Task Page_of_another_origin_may_use_the_token_and_sees_refusals()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(user, user, 10));
        var token = (await MakeAsync(user, """{"scopes":["self"]}""")).Json["token"].GetString();
        static void FromPage(HttpRequestMessage request) => request.Headers.Add("Origin", "https://shop.example");

        var asked = await _server.SendAsync(HttpMethod.Options, "/v1/me", null, null, FromPage);
        var told = await _server.SendAsync(HttpMethod.Get, "/v1/me", token, null, FromPage);
        var refused = await _server.SendAsync(HttpMethod.Get, "/v1/me", "ct_wrong", null, FromPage);
        var others = await _server.SendAsync(HttpMethod.Get, "/v1/customers/" + user, token, null, FromPage);

        Assert.Equal((204, 200, 401, 403), (asked.Status, told.Status, refused.Status, others.Status));
        Assert.Contains("authorization", asked.Headers["Access-Control-Allow-Headers"]);
        Assert.All(new[] { asked, told, refused }, answer => Assert.Equal("*", answer.Headers["Access-Control-Allow-Origin"]));
        Assert.False(others.Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    private Task<Answer> MakeAsync(string customer, string body) => _server.PostAsync($"/v1/customers/{customer}/tokens", body, TestServer.ApiKey);
}
