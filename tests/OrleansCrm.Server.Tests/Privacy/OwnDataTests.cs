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
