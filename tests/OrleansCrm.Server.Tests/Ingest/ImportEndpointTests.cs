using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

public sealed class ImportEndpointTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task First_start_decides_for_every_later_one()
    {
        Assert.Equal(404, (await _server.GetAsync("/v1/imports/history%20one")).Status);

        var first = await PostAsync("history%20one/start", """{"shiftMs":5}""");
        var second = await PostAsync("history%20one/start", """{"shiftMs":7}""");

        Assert.Equal("""{"name":"history one","running":true,"payload":{"shiftMs":5,"tenant":"default","import":"history one"}}""", first.Body);
        Assert.Equal(first.Body, second.Body);
    }

    [Fact]
    public async Task Import_runs_from_its_start_to_its_end_and_again()
    {
        await PostAsync("h2/start", "{}");
        Assert.True((await PostAsync("h2/renew", "{}")).Json["running"].GetBoolean());
        Assert.False((await PostAsync("h2/end", "{}")).Json["running"].GetBoolean());
        Assert.False((await _server.GetAsync("/v1/imports/h2")).Json["running"].GetBoolean());
        Assert.True((await PostAsync("h2/start", "{}")).Json["running"].GetBoolean());
    }

    [Theory]
    [InlineData("renew")]
    [InlineData("end")]
    public async Task Import_that_was_never_started_is_not_made_by_its_end(string word)
    {
        Assert.Equal((404, "import_not_found"), Of(await PostAsync("typo/" + word, "{}")));
        Assert.Equal(404, (await _server.GetAsync("/v1/imports/typo")).Status);
    }

    [Fact]
    public async Task What_is_pending_is_a_number()
    {
        Assert.Equal(404, (await _server.GetAsync("/v1/imports/h3/pending")).Status);
        await PostAsync("h3/start", "{}");
        Assert.True((await _server.GetAsync("/v1/imports/h3/pending")).Json["pending"].GetInt64() >= 0);
    }

    [Fact]
    public async Task Two_tenants_use_one_name_for_two_imports()
    {
        var other = await _server.NewTenantAsync();
        await PostAsync("shared/start", """{"shiftMs":5}""");
        Assert.Equal(404, (await _server.GetAsync("/v1/imports/shared", other)).Status);

        var theirs = await _server.PostAsync("/v1/imports/shared/start", """{"shiftMs":7}""", other);
        await _server.PostAsync("/v1/imports/shared/end", "{}", other);

        Assert.Equal(7, theirs.Json["payload"].GetProperty("shiftMs").GetInt32());
        Assert.True((await _server.GetAsync("/v1/imports/shared")).Json["running"].GetBoolean());
        Assert.False((await _server.GetAsync("/v1/imports/shared", other)).Json["running"].GetBoolean());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task Start_needs_an_object(string body) => Assert.Equal((400, "invalid_json"), Of(await PostAsync("h4/start", body)));

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Code);

    private Task<Answer> PostAsync(string path, string body) => _server.PostAsync("/v1/imports/" + path, body, TestServer.ApiKey);
}
