using System.Globalization;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Privacy;

public sealed class OwnDataTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Customer_sees_everything_and_decides_on_consent()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(user, "own-1", 5));
        var token = await TokenAsync(user);

        var granted = await _server.SendAsync(HttpMethod.Put, "/v1/me/consent", token, """{"purpose":"news","channel":"email","granted":true}""");
        var withdrawn = await _server.SendAsync(HttpMethod.Put, "/v1/me/consent", token, """{"consents":[{"purpose":"news","granted":false}]}""");
        var export = await _server.GetAsync("/v1/me/export", token);

        Assert.True(granted.Json["consent"].GetProperty("news").GetProperty("email").GetProperty("granted").GetBoolean());
        Assert.False(withdrawn.Json["consent"].GetProperty("news").GetProperty("email").GetProperty("granted").GetBoolean());
        Assert.Equal(3, export.Json["entries"].GetArrayLength());
        Assert.Equal(user, export.Json["customer"].GetProperty("profile").GetProperty("id").GetString());
    }

    [Theory]
    [InlineData("[]", "invalid_json")]
    [InlineData("{", "invalid_json")]
    [InlineData("{}", "invalid_purpose")]
    [InlineData("""{"purpose":"news","granted":1}""", "invalid_granted")]
    public async Task Consent_that_says_nothing_is_refused(string body, string code)
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(user));
        var answer = await _server.SendAsync(HttpMethod.Put, "/v1/me/consent", await TokenAsync(user), body);
        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Consent_is_no_way_around_the_bounds_of_an_event()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(user));
        var token = await TokenAsync(user);
        foreach (var padding in new[] { new string('x', 33_000), new string('é', 8_000) })
        {
            var answer = await _server.SendAsync(
                HttpMethod.Put, "/v1/me/consent", token, $$"""{"purpose":"news","granted":true,"more":"{{padding}}"}""");
            Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
        }

        Assert.Single((await _server.GetAsync("/v1/me/export", token)).Json["entries"].EnumerateArray());
    }

    [Fact]
    public async Task Customer_who_decides_faster_than_a_person_can_is_told_to_come_later()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Ingest.Limits = new() { CustomerEventsPerSecond = 1, CustomerEventsBurst = 2 });
        var made = await server.PostAsync("/v1/customers/ada/tokens", """{"scopes":["self"]}""", TestServer.ApiKey);
        Task<Answer> DecideAsync() =>
            server.SendAsync(HttpMethod.Put, "/v1/me/consent", made.Json["token"].GetString(), """{"purpose":"news","granted":true}""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => DecideAsync()));

        Assert.Contains(answers, answer => answer.Status == 200);
        var refused = answers.First(answer => answer.Status == 429);
        Assert.Equal("customer_rate_limited", refused.Code);
        Assert.True(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public async Task Consent_that_there_is_no_room_for_is_refused_for_good()
    {
        var user = Events.NewCustomer();
        string Many(char channel) => string.Join(',', Enumerable.Range(0, 50).Select(i => $$"""{"purpose":"p{{i}}","channel":"{{channel}}","granted":true}"""));
        var token = await TokenAsync(user);
        foreach (var channel in "ab")
            Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, "/v1/me/consent", token, $$"""{"consents":[{{Many(channel)}}]}""")).Status);

        var answer = await _server.SendAsync(HttpMethod.Put, "/v1/me/consent", token, """{"purpose":"one-more","granted":true}""");

        Assert.Equal((409, "faulted"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Erased_customer_has_nothing_to_see_and_nothing_to_say()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Track(user));
        var token = await TokenAsync(user);
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + user, TestServer.ApiKey)).Status);
        Assert.Equal("erased", (await _server.GetAsync("/v1/me/export", token)).Code);
        Assert.Equal("erased", (await _server.SendAsync(HttpMethod.Put, "/v1/me/consent", token, """{"purpose":"news","granted":true}""")).Code);
    }

    private async Task<string> TokenAsync(string user) =>
        (await _server.PostAsync($"/v1/customers/{user}/tokens", """{"scopes":["self"]}""", TestServer.ApiKey)).Json["token"].GetString()!;
}
