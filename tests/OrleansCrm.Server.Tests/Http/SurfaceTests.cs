using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Http;

/// <summary>What holds for every answer.</summary>
public sealed class SurfaceTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("GET", "/v1/track", 405, "method_not_allowed")]
    [InlineData("PUT", "/v1/customers/x", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/nothing", 404, "not_found")]
    [InlineData("POST", "/nothing.txt", 404, "not_found")]
    [InlineData("GET", "/v1/customer", 404, "not_found")]
    [InlineData("GET", "/health/nothing", 404, "not_found")]
    [InlineData("POST", "/v1/track/", 401, "unauthorized")]
    [InlineData("GET", "/v1/customers/x/redemptions/0-1", 404, "not_found")]
    [InlineData("GET", "/v1/me/nothing", 404, "not_found")]
    public async Task What_is_not_there_is_a_problem_with_a_code(string method, string path, int status, string code)
    {
        var answer = await _server.SendAsync(new HttpMethod(method), path);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Theory]
    [InlineData("/v1/customers", 200)]
    [InlineData("/v1/customers/nobody", 404)]
    [InlineData("/health/live", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/openapi/v1.json", 200)]
    [InlineData("/v1/track", 405)]
    public async Task Head_is_answered_as_get_without_the_body(string path, int status)
    {
        var asked = await _server.GetAsync(path);
        var head = await _server.SendAsync(HttpMethod.Head, path, TestServer.ApiKey);

        Assert.Equal((status, status, ""), (asked.Status, head.Status, head.Body));
        Assert.Equal(asked.Headers["Content-Type"], head.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData("/v1/customers/x", "DELETE, GET, HEAD")]
    [InlineData("/v1/me", "GET, OPTIONS, HEAD")]
    [InlineData("/v1/track", "OPTIONS, POST")]
    public async Task Refused_method_is_told_which_there_are(string path, string methods)
    {
        var answer = await _server.SendAsync(HttpMethod.Patch, path, TestServer.ApiKey);

        Assert.Equal((405, methods), (answer.Status, answer.Headers["Allow"].Replace(",", ", ", StringComparison.Ordinal).Replace(",  ", ", ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("/v1/keys", """{"expiresAt":"soon"}""", "expiresAt", "\"expiresAt\" is an ISO-8601 instant, for instance 2026-01-31T12:00:00Z.")]
    [InlineData("/v1/keys", """{"scopes":"read"}""", "scopes", "\"scopes\" is a list of texts.")]
    [InlineData("/v1/users", """{"email":7}""", "email", "\"email\" is a text.")]
    [InlineData("/v1/customers/x/tokens", """{"seconds":1.5}""", "seconds", "\"seconds\" is a whole number.")]
    [InlineData("/v1/keys", "{", null, "The body is not JSON (line 1, byte 2).")]
    [InlineData("/v1/keys", "", null, "The body is not JSON (line 1, byte 1).")]
    [InlineData("/v1/keys", "[]", null, "The body is no JSON object.")]
    [InlineData("/v1/keys", "{} x", null, "The body is not JSON (line 1, byte 4).")]
    public async Task Body_that_cannot_be_read_is_told_where(string path, string body, string? field, string detail)
    {
        var answer = await _server.PostAsync(path, body, TestServer.ApiKey);

        Assert.Equal((400, "invalid_json", detail), (answer.Status, answer.Code, answer.Json["detail"].GetString()));
        Assert.DoesNotContain("\\u0022", answer.Body, StringComparison.Ordinal);
        Assert.Equal(field, answer.Json.GetValueOrDefault("field") is { ValueKind: System.Text.Json.JsonValueKind.String } named ? named.GetString() : null);
    }

    [Theory]
    [InlineData("shop.example")]
    [InlineData("127.0.0.1.evil.example:80")]
    public async Task Host_names_of_others_are_refused(string host)
    {
        var answer = await _server.SendAsync(HttpMethod.Get, "/v1/customers/x", TestServer.ApiKey, null, request => request.Headers.Host = host);

        Assert.Equal((400, "host_not_allowed"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Probes_may_name_any_host()
    {
        var answer = await _server.SendAsync(HttpMethod.Get, "/health/live", null, null, request => request.Headers.Host = "10.1.2.3");

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task Answers_carry_the_headers_that_keep_browsers_strict()
    {
        foreach (var path in new[] { "/health/live", "/v1/nothing", "/" })
        {
            var headers = (await _server.GetAsync(path, null)).Headers;
            Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;", headers["Content-Security-Policy"]);
            Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
            Assert.Equal("no-referrer", headers["Referrer-Policy"]);
            Assert.False(headers.ContainsKey("Server"));
        }
    }

    [Fact]
    public async Task Readiness_counts_the_partitions()
    {
        var answer = await _server.GetAsync("/health/ready", null);

        Assert.Equal(200, answer.Status);
        Assert.Equal("ready", answer.Json["status"].GetString());
        Assert.Equal(8, answer.Json["partitions"].GetProperty("ready").GetInt32());
    }
}
