using System.Net.Http.Headers;
using System.Text;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>Who may send events. The key stands in one of four places, and the first that is there decides.</summary>
public sealed class IngestKeyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Key = TestServer.WriteKey;

    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("basic", Key, null, null, 200)]
    [InlineData("bearer", Key, null, null, 200)]
    [InlineData(null, null, Key, null, 200)]
    [InlineData(null, null, null, Key, 200)]
    [InlineData(null, null, null, null, 401)]
    [InlineData("basic", "wrong", null, null, 401)]
    [InlineData("basic", "wrong", Key, Key, 401)]
    [InlineData("bearer", "wrong", Key, null, 401)]
    [InlineData(null, null, "wrong", Key, 401)]
    [InlineData("basic", "", Key, null, 200)]
    [InlineData("bearer", TestServer.ApiKey, null, null, 401)]
    [InlineData(null, null, TestServer.ApiKey, null, 401)]
    public async Task First_place_with_a_key_decides(string? scheme, string? inHeader, string? inBody, string? inQuery, int status)
    {
        var writeKey = inBody is null ? "" : $"\"writeKey\":\"{inBody}\",";
        var body = $"{{{writeKey}\"batch\":[{Events.Track(Events.NewCustomer())}]}}";

        var answer = await _server.SendAsync(HttpMethod.Post, "/v1/batch" + (inQuery is null ? "" : "?writeKey=" + inQuery), null, body, request =>
        {
            if (scheme == "basic")
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(inHeader + ":")));
            else if (scheme == "bearer")
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", inHeader);
        });

        Assert.Equal(status, answer.Status);
        if (status == 401)
            Assert.Equal("unauthorized", answer.Code);
    }

    [Theory]
    [InlineData("Basic !!!")]
    [InlineData("Digest username=\"x\"")]
    [InlineData("Basic")]
    public async Task Header_that_holds_no_key_leaves_the_other_places(string header)
    {
        var answer = await _server.SendAsync(
            HttpMethod.Post,
            "/v1/batch",
            null,
            $"{{\"writeKey\":\"{Key}\",\"batch\":[]}}",
            request => request.Headers.TryAddWithoutValidation("Authorization", header));

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task API_key_with_scope_admin_imports_and_one_without_does_not()
    {
        var key = (await _server.PostAsync("/v1/keys", """{"scopes":["read"]}""", TestServer.ApiKey)).Json["key"].GetString();
        var batch = $"{{\"batch\":[{Events.Track(Events.NewCustomer())}]}}";

        Assert.Equal(200, (await _server.PostAsync("/v1/import", batch, TestServer.ApiKey)).Status);
        Assert.Equal(401, (await _server.PostAsync("/v1/import", batch, key)).Status);
        Assert.Equal(200, (await _server.PostAsync("/v1/import", batch, TestServer.WriteKey)).Status);
    }

    [Fact]
    public async Task Retry_with_another_server_key_is_still_a_repeat()
    {
        var other = (await _server.PostAsync("/v1/keys", """{"kind":"write-server"}""", TestServer.ApiKey)).Json["key"].GetString();
        var batch = $"{{\"batch\":[{Events.Track(Events.NewCustomer(), "same")}]}}";

        var first = await _server.PostAsync("/v1/batch", batch, Key);
        var second = await _server.PostAsync("/v1/batch", batch, other);
        var again = await _server.PostAsync("/v1/batch", batch, other);

        Assert.Equal([1, 0, 0], new[] { first, second, again }.Select(a => a.Json["accepted"].GetInt32()));
    }
}
