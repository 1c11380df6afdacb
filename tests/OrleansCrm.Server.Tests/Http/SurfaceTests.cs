using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Http;

/// <summary>What holds for every answer.</summary>
public sealed class SurfaceTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public void Every_endpoint_says_who_may_call_it()
    {
        var silent = Endpoints().Where(e => e.Metadata.GetMetadata<IAuthorizeData>() is null && e.Metadata.GetMetadata<IAllowAnonymous>() is null);

        Assert.Empty(silent.Select(e => e.RoutePattern.RawText));
    }

    [Fact]
    public void Only_these_endpoints_answer_without_a_key()
    {
        string[] open = ["/health/live", "/health/ready", "/v1/sessions", "/v1/sessions/link"];

        // Ingest checks its keys itself: one may stand in the body.
        string[] ingest =
        [
            "/v1/identify", "/v1/i", "/v1/track", "/v1/t", "/v1/page", "/v1/p", "/v1/screen", "/v1/s", "/v1/group", "/v1/g", "/v1/alias", "/v1/a",
            "/v1/batch", "/v1/b", "/beacon/v1/batch", "/v1/import", "/v1/events", "/v1/projects/{writeKey}/settings", "/sourceConfig",
        ];

        var anonymous = Endpoints().Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(e => e.RoutePattern.RawText!);

        Assert.Equal(open.Concat(ingest).Order(StringComparer.Ordinal), anonymous.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_other_endpoint_refuses_without_a_key_and_with_a_write_key()
    {
        var closed = Endpoints().Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is null).ToArray();
        Assert.True(closed.Length >= 20);

        foreach (var endpoint in closed)
        {
            var path = endpoint.RoutePattern.RawText!.Replace("{id}", "x").Replace("{name}", "x").Replace("{desk}", "x");
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["POST"])
            {
                foreach (var key in new[] { null, "nonsense", TestServer.WriteKey })
                {
                    var answer = await _server.SendAsync(new HttpMethod(method), path, key);
                    Assert.True(answer.Status == 401, $"{method} {path} answers {answer.Status} to {key ?? "no key"}");
                    Assert.Equal("unauthorized", answer.Code);
                }
            }
        }
    }

    [Theory]
    [InlineData("GET", "/v1/track", 405, "method_not_allowed")]
    [InlineData("PUT", "/v1/customers/x", 405, "method_not_allowed")]
    [InlineData("GET", "/v1/nothing", 404, "not_found")]
    [InlineData("POST", "/nothing.txt", 404, "not_found")]
    [InlineData("GET", "/v1/customers", 404, "not_found")]
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

    private RouteEndpoint[] Endpoints() =>
        [.. _server.Engine.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];
}
