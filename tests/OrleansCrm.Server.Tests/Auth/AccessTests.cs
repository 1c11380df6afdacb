using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class AccessTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    /// <summary>Method, path, body; then the statuses for: admin key, key without scopes, reading key, admin, supervisor, agent.</summary>
    public static TheoryData<string, string, string?, int[]> Matrix => new()
    {
        { "GET", "/v1/customers/nobody", null, [404, 403, 404, 404, 404, 404] },
        { "GET", "/v1/customers/nobody/timeline", null, [404, 403, 404, 404, 404, 404] },
        { "GET", "/v1/customers/nobody/export", null, [404, 403, 403, 404, 404, 403] },
        { "DELETE", "/v1/customers/nobody", null, [404, 403, 403, 404, 403, 403] },
        { "GET", "/v1/desks/default/alerts", null, [200, 403, 200, 200, 200, 200] },
        { "GET", "/v1/alerts/0-1-0", null, [404, 403, 404, 404, 404, 404] },
        { "POST", "/v1/alerts/0-1-0/claim", null, [403, 403, 403, 404, 404, 404] },
        { "POST", "/v1/alerts/0-1-0/release", null, [403, 403, 403, 404, 404, 404] },
        { "POST", "/v1/alerts/0-1-0/resolve", """{"outcome":"won"}""", [403, 403, 403, 404, 404, 404] },
        { "GET", "/v1/users", null, [200, 403, 403, 200, 403, 403] },
        { "POST", "/v1/users", "{}", [400, 403, 403, 400, 403, 403] },
        { "DELETE", "/v1/users/x", null, [404, 403, 403, 404, 403, 403] },
        { "GET", "/v1/keys", null, [200, 403, 403, 200, 403, 403] },
        { "POST", "/v1/keys", """{"kind":"x"}""", [400, 403, 403, 400, 403, 403] },
        { "DELETE", "/v1/keys/x", null, [404, 403, 403, 404, 403, 403] },
        { "GET", "/v1/imports/none", null, [404, 403, 403, 403, 403, 403] },
        { "POST", "/v1/imports/none/start", "[]", [400, 403, 403, 403, 403, 403] },
        { "GET", "/v1/imports/none/pending", null, [200, 403, 403, 403, 403, 403] },
        { "POST", "/hubs/alerts/negotiate?negotiateVersion=1", null, [403, 403, 403, 200, 200, 200] },
    };

    [Theory]
    [MemberData(nameof(Matrix))]
    public async Task Each_caller_gets_what_is_its_own(string method, string path, string? body, int[] expected)
    {
        string[] callers =
        [
            TestServer.ApiKey,
            await NewKeyAsync("""{"scopes":["decide"]}"""),
            await NewKeyAsync("""{"scopes":["read"]}"""),
            await _server.SignInAsync(),
            await NewSessionAsync("supervisor"),
            await NewSessionAsync("agent"),
        ];

        var statuses = new List<int>();
        foreach (var caller in callers)
            statuses.Add((await _server.SendAsync(new HttpMethod(method), path, caller, body)).Status);

        Assert.Equal(expected, statuses);
    }

    [Fact]
    public async Task Key_is_shown_once_listed_without_its_secret_and_worthless_when_deleted()
    {
        var added = await _server.PostAsync("/v1/keys", """{"name":"till"}""", TestServer.ApiKey);
        var (id, key) = (added.Json["id"].GetString()!, added.Json["key"].GetString()!);

        var works = await _server.GetAsync("/v1/customers/nobody", key);
        var list = await _server.GetAsync("/v1/keys");
        var deleted = await _server.SendAsync(HttpMethod.Delete, "/v1/keys/" + id, TestServer.ApiKey);
        var after = await _server.GetAsync("/v1/customers/nobody", key);

        Assert.Equal((201, 404, 204, 401), (added.Status, works.Status, deleted.Status, after.Status));
        Assert.Equal(["decide", "read"], added.Json["scopes"].EnumerateArray().Select(s => s.GetString()));
        Assert.Contains(id, list.Body);
        Assert.DoesNotContain(key, list.Body);
    }

    [Theory]
    [InlineData("""{"kind":"api","scopes":["everything"]}""", "invalid_scopes")]
    [InlineData("""{"kind":"write-server","scopes":["read"]}""", "invalid_scopes")]
    [InlineData("""{"name":"a\u0000b"}""", "invalid_name")]
    [InlineData("""{"scopes":"read"}""", "invalid_json")]
    [InlineData("nonsense", "invalid_json")]
    public async Task Key_that_cannot_be_has_its_reason(string body, string code)
    {
        var answer = await _server.PostAsync("/v1/keys", body, TestServer.ApiKey);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("no-address", "a long enough password", "agent", "invalid_email")]
    [InlineData("Name <a@shop.example>", "a long enough password", "agent", "invalid_email")]
    [InlineData("short@shop.example", "elevenchars", "agent", "weak_password")]
    [InlineData("the-very-same@shop.example", "The-Very-Same@shop.example", "agent", "weak_password")]
    [InlineData("role@shop.example", "a long enough password", "owner", "invalid_role")]
    public async Task User_who_cannot_be_has_a_reason(string email, string password, string role, string code)
    {
        var answer = await AddUserAsync(email, password, role);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Address_belongs_to_one_user_whatever_its_case()
    {
        Assert.Equal(201, (await AddUserAsync("one@shop.example", "a long enough password", "agent")).Status);

        var again = await AddUserAsync("ONE@shop.example", "another long password", "agent");

        Assert.Equal((409, "email_taken"), (again.Status, again.Code));
    }

    [Fact]
    public async Task User_who_is_gone_has_no_session()
    {
        var added = await AddUserAsync("gone@shop.example", "a long enough password", "agent");
        var session = await _server.SignInAsync("gone@shop.example", "a long enough password");

        Assert.Equal(404, (await _server.GetAsync("/v1/customers/nobody", session)).Status);
        Assert.Equal(204, (await _server.SendAsync(HttpMethod.Delete, "/v1/users/" + added.Json["id"].GetString(), TestServer.ApiKey)).Status);

        Assert.Equal(401, (await _server.GetAsync("/v1/customers/nobody", session)).Status);
        Assert.DoesNotContain("gone@shop.example", (await _server.GetAsync("/v1/users")).Body);
    }

    private async Task<string> NewKeyAsync(string body) => (await _server.PostAsync("/v1/keys", body, TestServer.ApiKey)).Json["key"].GetString()!;

    private async Task<string> NewSessionAsync(string role)
    {
        var email = Events.NewCustomer() + "@shop.example";
        Assert.Equal(201, (await AddUserAsync(email, "a long enough password", role)).Status);
        return await _server.SignInAsync(email, "a long enough password");
    }

    private Task<Answer> AddUserAsync(string email, string password, string role) =>
        _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password, role }), TestServer.ApiKey);
}
