using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class TenantTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task New_tenant_has_a_key_that_is_shown_once()
    {
        var made = await _server.PostAsync("/v1/tenants", """{"id":"acme","name":"Acme & Söhne"}""", TestServer.ApiKey);
        var key = made.Json["key"].GetString()!;

        var listed = (await _server.GetAsync("/v1/tenants")).Json["items"].EnumerateArray().Single(t => t.GetProperty("id").GetString() == "acme");
        var keys = await _server.GetAsync("/v1/keys", key);

        Assert.Equal((201, "Acme & Söhne"), (made.Status, listed.GetProperty("name").GetString()));
        Assert.Equal(made.Json["keyId"].GetString(), Assert.Single(keys.Json["items"].EnumerateArray()).GetProperty("id").GetString());
        Assert.DoesNotContain(key, keys.Body);
        Assert.Equal((409, "tenant_exists"), Of(await _server.PostAsync("/v1/tenants", """{"id":"acme"}""", TestServer.ApiKey)));
    }

    [Theory]
    [InlineData("""{}""", "invalid_id")]
    [InlineData("""{"id":"a/b"}""", "invalid_id")]
    [InlineData("""{"id":"-a"}""", "invalid_id")]
    [InlineData("""{"id":"Acme"}""", "invalid_id")]
    [InlineData("""{"id":"a","name":"\u0007"}""", "invalid_name")]
    public async Task Tenant_that_cannot_be_has_its_reason(string body, string code) =>
        Assert.Equal((400, code), Of(await _server.PostAsync("/v1/tenants", body, TestServer.ApiKey)));

    [Fact]
    public async Task Keys_sessions_and_tokens_of_a_disabled_tenant_open_nothing_until_it_is_enabled()
    {
        var (id, key) = await NewTenantAsync();
        var write = (await _server.PostAsync("/v1/keys", """{"kind":"write-server"}""", key)).Json["key"].GetString()!;
        var email = $"{Guid.NewGuid():N}@other.example";
        await _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password = TestServer.AdminPassword, role = "admin" }), key);
        var session = await _server.SignInAsync(email);
        var token = (await _server.PostAsync("/v1/customers/ada/tokens", """{"scopes":["self"]}""", key)).Json["token"].GetString()!;
        async Task<string> TryAsync() => string.Join(
            ' ',
            (await _server.GetAsync("/v1/keys", key)).Status,
            (await _server.PostAsync("/v1/batch", """{"batch":[]}""", write)).Status,
            (await _server.GetAsync("/v1/keys", session)).Status,
            (await _server.GetAsync("/v1/me", token)).Status,
            (await _server.PostAsync("/v1/sessions", JsonSerializer.Serialize(new { email, password = TestServer.AdminPassword }), null)).Status);

        Assert.Equal("200 200 200 404 200", await TryAsync());
        Assert.True((await ChangeAsync(id, """{"disabled":true}""")).Json["disabled"].GetBoolean());
        Assert.Equal("401 401 401 401 401", await TryAsync());
        Assert.False((await ChangeAsync(id, """{"disabled":false}""")).Json["disabled"].GetBoolean());
        Assert.Equal("200 200 200 404 200", await TryAsync());
    }

    [Fact]
    public async Task First_tenant_cannot_be_disabled() =>
        Assert.Equal((409, "first_tenant"), Of(await ChangeAsync("default", """{"disabled":true}""")));

    [Fact]
    public async Task Tenant_that_has_lost_its_keys_gets_another()
    {
        var (id, key) = await NewTenantAsync();
        var keyId = (await _server.GetAsync("/v1/keys", key)).Json["items"][0].GetProperty("id").GetString();
        await _server.SendAsync(HttpMethod.Delete, "/v1/keys/" + keyId, key);
        Assert.Equal(401, (await _server.GetAsync("/v1/keys", key)).Status);

        var made = await _server.PostAsync($"/v1/tenants/{id}/keys", "", TestServer.ApiKey);

        Assert.Equal(201, made.Status);
        Assert.Equal(200, (await _server.GetAsync("/v1/keys", made.Json["key"].GetString())).Status);
        Assert.Equal((404, "tenant_not_found"), Of(await _server.PostAsync("/v1/tenants/nothing/keys", "", TestServer.ApiKey)));
        Assert.Equal((404, "tenant_not_found"), Of(await ChangeAsync("nothing", "{}")));
    }

    [Fact]
    public async Task One_id_names_two_customers_in_two_tenants()
    {
        var (_, key) = await NewTenantAsync();
        var write = (await _server.PostAsync("/v1/keys", """{"kind":"write-server"}""", key)).Json["key"].GetString()!;
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(user, "one-number", 10), Events.Track(user));
        Assert.Equal(404, (await _server.GetAsync("/v1/customers/" + user, key)).Status);

        var theirs = await _server.PostAsync("/v1/batch", $"{{\"batch\":[{Events.Order(user, "one-number", 20)}]}}", write);

        Assert.Equal(1, theirs.Json["accepted"].GetInt32());
        Assert.Equal(2, (await _server.GetAsync("/v1/customers/" + user)).Json["events"].GetInt32());
        Assert.Equal(1, (await _server.GetAsync("/v1/customers/" + user, key)).Json["events"].GetInt32());
    }

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Code);

    private Task<Answer> ChangeAsync(string id, string body) => _server.SendAsync(HttpMethod.Patch, "/v1/tenants/" + id, TestServer.ApiKey, body);

    private async Task<(string Id, string Key)> NewTenantAsync()
    {
        var made = await _server.PostAsync("/v1/tenants", $"{{\"id\":\"t{Guid.NewGuid():N}\"}}", TestServer.ApiKey);
        return (made.Json["id"].GetString()!, made.Json["key"].GetString()!);
    }
}
