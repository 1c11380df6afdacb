using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class KeyTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

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
    [InlineData("""{"kind":"write-everything"}""", "invalid_kind")]
    [InlineData("""{"kind":"api","scopes":["everything"]}""", "invalid_scopes")]
    [InlineData("""{"kind":"write-server","scopes":["read"]}""", "invalid_scopes")]
    [InlineData("""{"name":"a\u0000b"}""", "invalid_name")]
    [InlineData("""{"scopes":"read"}""", "invalid_json")]
    [InlineData("nonsense", "invalid_json")]
    [InlineData("""{"expiresAt":"2020-01-01T00:00:00Z"}""", "invalid_expiry")]
    [InlineData("""{"expiresAt":"soon"}""", "invalid_json")]
    public async Task Key_that_cannot_be_has_its_reason(string body, string code)
    {
        var answer = await _server.PostAsync("/v1/keys", body, TestServer.ApiKey);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Key_beside_an_old_one_lets_that_end_by_itself()
    {
        var old = await AddAsync("""{"kind":"write-server","name":"shop"}""");
        var next = await AddAsync("""{"kind":"write-server","name":"shop"}""");
        var tomorrow = DateTimeOffset.UtcNow.AddDays(1);

        var changed = await ChangeAsync(old.Id, JsonSerializer.Serialize(new { expiresAt = tomorrow }));

        Assert.Equal(200, changed.Status);
        Assert.Equal("shop", changed.Json["name"].GetString());
        Assert.Equal(tomorrow, changed.Json["expiresAt"].GetDateTimeOffset(), TimeSpan.FromSeconds(1));
        Assert.Equal((200, 200), (await IngestAsync(old.Key), await IngestAsync(next.Key)));
        Assert.Equal(JsonValueKind.Null, (await ChangeAsync(old.Id, """{"expiresAt":null}""")).Json["expiresAt"].ValueKind);
    }

    [Fact]
    public async Task Key_opens_nothing_once_its_time_is_over()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(services: s => s.AddSingleton<TimeProvider>(time));
        var end = time.GetUtcNow().AddHours(1);
        var added = await server.PostAsync("/v1/keys", JsonSerializer.Serialize(new { expiresAt = end }), TestServer.ApiKey);
        var key = added.Json["key"].GetString();

        Assert.Equal(404, (await server.GetAsync("/v1/customers/nobody", key)).Status);
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(401, (await server.GetAsync("/v1/customers/nobody", key)).Status);
        Assert.Contains(added.Json["id"].GetString()!, (await server.GetAsync("/v1/keys")).Body);
    }

    [Fact]
    public async Task Use_of_a_key_is_told()
    {
        var (id, key) = await AddAsync("{}");
        Assert.Equal(JsonValueKind.Null, (await ListedAsync(id)).GetProperty("lastUsedAt").ValueKind);

        await _server.GetAsync("/v1/customers/nobody", key);

        var used = (await ListedAsync(id)).GetProperty("lastUsedAt").GetDateTimeOffset();
        Assert.Equal(DateTimeOffset.UtcNow, used, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Key_that_another_process_revokes_ends_at_the_next_refresh()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Access.KeyRefresh = TimeSpan.FromMilliseconds(100));
        var added = await server.PostAsync("/v1/keys", "{}", TestServer.ApiKey);
        var (id, key) = (added.Json["id"].GetString()!, added.Json["key"].GetString()!);
        Assert.Equal(404, (await server.GetAsync("/v1/customers/nobody", key)).Status);

        var store = server.Engine.Services.GetRequiredService<IAccountStore>();
        var note = server.Engine.Services.GetRequiredService<Audit>().BySystem("default", AuditActions.KeyRevoked, id);
        Assert.True(await store.DeleteKeyAsync("default", id, note, CancellationToken.None));

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await server.GetAsync("/v1/customers/nobody", key)).Status != 401)
            await Task.Delay(20, deadline.Token);
    }

    [Fact]
    public async Task Change_of_a_key_that_is_not_there_or_cannot_be_has_its_reason()
    {
        var (id, _) = await AddAsync("{}");

        Assert.Equal((404, "key_not_found"), Of(await ChangeAsync("nothing", "{}")));
        Assert.Equal((400, "invalid_expiry"), Of(await ChangeAsync(id, """{"expiresAt":"2020-01-01T00:00:00Z"}""")));
        Assert.Equal((400, "invalid_expiry"), Of(await ChangeAsync(id, """{"expiresAt":7}""")));
        Assert.Equal((400, "invalid_expiry"), Of(await ChangeAsync(id, """{"expiresAt":"\ud800\ud800"}""")));
        Assert.Equal((400, "invalid_name"), Of(await ChangeAsync(id, """{"name":"a\u0000b"}""")));
    }

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Code);

    private async Task<(string Id, string Key)> AddAsync(string body)
    {
        var added = await _server.PostAsync("/v1/keys", body, TestServer.ApiKey);
        return (added.Json["id"].GetString()!, added.Json["key"].GetString()!);
    }

    private Task<Answer> ChangeAsync(string id, string body) => _server.SendAsync(HttpMethod.Patch, "/v1/keys/" + id, TestServer.ApiKey, body);

    private async Task<int> IngestAsync(string key) =>
        (await _server.PostAsync("/v1/batch", $"{{\"batch\":[{Events.Track(Events.NewCustomer())}]}}", key)).Status;

    private async Task<JsonElement> ListedAsync(string id) =>
        (await _server.GetAsync("/v1/keys")).Json["items"].EnumerateArray().Single(k => k.GetProperty("id").GetString() == id);
}
