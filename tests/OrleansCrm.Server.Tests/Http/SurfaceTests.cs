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
    public async Task What_is_not_there_is_a_problem_with_a_code(string method, string path, int status, string code)
    {
        var answer = await _server.SendAsync(new HttpMethod(method), path);

        Assert.Equal((status, code), (answer.Status, answer.Code));
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
