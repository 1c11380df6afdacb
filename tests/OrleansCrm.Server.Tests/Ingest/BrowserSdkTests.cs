using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>What a page's SDK asks before and beside its events.</summary>
public sealed class BrowserSdkTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("/v1/t", "POST", "authorization,content-type,x-retry-count")]
    [InlineData("/v1/batch", "POST", "anonymousid,authorization,content-type,sentat")]
    [InlineData("/beacon/v1/batch", "POST", "content-type")]
    [InlineData("/v1/events", "POST", "ce-id,ce-source,ce-specversion,ce-type")]
    [InlineData("/sourceConfig/", "GET", "authorization")]
    [InlineData("/v1/projects/k/settings", "GET", "x-any")]
    public async Task Preflight_of_a_page_is_answered_without_a_key(string path, string method, string headers)
    {
        var answer = await PreflightAsync(path, method, headers);

        Assert.Equal((204, "*"), (answer.Status, answer.Headers["Access-Control-Allow-Origin"]));
        Assert.Equal(method, answer.Headers["Access-Control-Allow-Methods"]);
        Assert.Equal(headers.Split(','), answer.Headers["Access-Control-Allow-Headers"].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries));
        Assert.True(int.Parse(answer.Headers["Access-Control-Max-Age"], System.Globalization.CultureInfo.InvariantCulture) > 600);
    }

    [Fact]
    public async Task Preflight_that_asks_for_anything_odd_gets_the_headers_that_are_known()
    {
        var answer = await PreflightAsync("/v1/t", "POST", "x;y\"<script>");

        Assert.Equal(204, answer.Status);
        Assert.StartsWith("authorization, content-type", answer.Headers["Access-Control-Allow-Headers"]);
    }

    [Theory]
    [InlineData("nonsense", 401)]
    [InlineData(TestServer.WriteKey, 400)]
    public async Task Refusals_can_be_read_by_the_page_too(string key, int status)
    {
        var answer = await _server.SendAsync(HttpMethod.Post, "/v1/batch", key, "{", r => r.Headers.Add("Origin", "https://shop.example"));

        Assert.Equal((status, "*"), (answer.Status, answer.Headers["Access-Control-Allow-Origin"]));
        Assert.Contains("Retry-After", answer.Headers["Access-Control-Expose-Headers"]);
    }

    [Fact]
    public async Task Other_paths_are_closed_to_foreign_pages()
    {
        var answer = await _server.SendAsync(HttpMethod.Get, "/v1/customers/x", TestServer.ApiKey, null, r => r.Headers.Add("Origin", "https://evil.example"));

        Assert.False(answer.Headers.ContainsKey("Access-Control-Allow-Origin"));
        Assert.Equal(405, (await PreflightAsync("/v1/keys", "POST", "authorization")).Status);
    }

    [Fact]
    public async Task Segment_settings_send_the_SDK_here_and_nowhere_else()
    {
        var key = await _server.AddBrowserKeyAsync();

        var answer = await _server.SendAsync(HttpMethod.Get, $"/v1/projects/{key}/settings");

        var segment = answer.Json["integrations"].GetProperty("Segment.io");
        Assert.Equal((200, key), (answer.Status, segment.GetProperty("apiKey").GetString()));
        Assert.Equal(_server.Address + "/v1", $"{segment.GetProperty("protocol").GetString()}://{segment.GetProperty("apiHost").GetString()}");
        Assert.Equal(0, answer.Json["metrics"].GetProperty("sampleRate").GetInt32());
        Assert.Equal("key_not_found", (await _server.SendAsync(HttpMethod.Get, "/v1/projects/nonsense/settings")).Code);
    }

    [Fact]
    public async Task RudderStack_configuration_comes_for_a_key_in_header_or_query()
    {
        var key = await _server.AddBrowserKeyAsync();

        var answer = await _server.SendAsync(HttpMethod.Get, $"/sourceConfig/?p=npm&v=3.34.1&writeKey={key}");

        var source = answer.Json["source"];
        Assert.Equal((200, key, true), (answer.Status, source.GetProperty("writeKey").GetString(), source.GetProperty("enabled").GetBoolean()));
        Assert.Empty(source.GetProperty("destinations").EnumerateArray());
        Assert.Equal(200, (await _server.GetAsync("/sourceConfig", key)).Status);
        Assert.Equal(401, (await _server.GetAsync("/sourceConfig", null)).Status);
    }

    [Fact]
    public async Task Settings_show_no_key_but_the_one_that_was_asked_with()
    {
        var key = await _server.AddBrowserKeyAsync();

        var bodies = (await _server.SendAsync(HttpMethod.Get, $"/v1/projects/{key}/settings")).Body + (await _server.GetAsync("/sourceConfig", key)).Body;

        Assert.DoesNotContain(TestServer.WriteKey, bodies);
        Assert.DoesNotContain(TestServer.ApiKey, bodies);
    }

    private Task<Answer> PreflightAsync(string path, string method, string headers) => _server.SendAsync(HttpMethod.Options, path, null, null, request =>
    {
        request.Headers.Add("Origin", "https://shop.example");
        request.Headers.Add("Access-Control-Request-Method", method);
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", headers);
    });
}
