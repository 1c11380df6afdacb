using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Auth;

/// <summary>Each test has a tenant of its own: its audit is its own.</summary>
public sealed class AuditTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Password = "a long enough password";

    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Who_did_what_is_told_newest_first_and_without_secrets()
    {
        var first = await _server.NewTenantAsync();
        var firstId = (await _server.GetAsync("/v1/keys", first)).Json["items"][0].GetProperty("id").GetString();
        var added = await _server.PostAsync("/v1/keys", """{"scopes":["read"]}""", first);
        var (keyId, key) = (added.Json["id"].GetString()!, added.Json["key"].GetString()!);
        var email = $"{Guid.NewGuid():N}@shop.example";
        var user = (await _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password = Password, role = "admin" }), first)).Json["id"].GetString();
        var session = await _server.SignInAsync(email, Password);
        await _server.PostAsync("/v1/sessions", JsonSerializer.Serialize(new { email, password = "a wrong password" }), null);
        await _server.SendAsync(HttpMethod.Patch, "/v1/users/" + user, session, """{"password":"another long password"}""");
        await _server.SendAsync(HttpMethod.Delete, "/v1/keys/" + keyId, first);

        var audit = await _server.GetAsync("/v1/audit", first);

        Assert.Equal(
            [
                $"key:{firstId} key.revoked {keyId} ",
                $"user:{email} user.changed {user} password",
                $"user:{email} session.refused {user} ",
                $"user:{email} session.opened {user} ",
                $"key:{firstId} user.created {user} admin",
                $"key:{firstId} key.created {keyId} api: read",
            ],
            audit.Json["items"].EnumerateArray().Take(6).Select(Line));
        foreach (var secret in new[] { first, key, session, Password, "another long password", "a wrong password" })
            Assert.DoesNotContain(secret, audit.Body);
    }

    [Fact]
    public async Task Who_had_a_customer_erased_is_told_by_the_receipt_and_without_the_person()
    {
        var key = await _server.NewTenantAsync();
        var write = (await _server.PostAsync("/v1/keys", """{"kind":"write-server"}""", key)).Json["key"].GetString();
        var user = Ingest.Events.NewCustomer();
        await _server.PostAsync("/v1/batch", $"{{\"batch\":[{Ingest.Events.Track(user)}]}}", write);

        var receipt = (await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + user, key)).Json["receiptId"].GetString();

        var audit = await _server.GetAsync("/v1/audit?limit=1", key);
        Assert.EndsWith($" customer.erased {receipt} ", Line(audit.Json["items"][0]));
        Assert.DoesNotContain(user, audit.Body);
    }

    [Fact]
    public async Task Programs_merges_and_exports_are_told_and_customers_by_a_hash()
    {
        var key = await _server.NewTenantAsync();
        var write = (await _server.PostAsync("/v1/keys", """{"kind":"write-server"}""", key)).Json["key"].GetString();
        var (ada, bob) = (Ingest.Events.NewCustomer(), Ingest.Events.NewCustomer());
        await _server.PostAsync("/v1/batch", $"{{\"batch\":[{Ingest.Events.Track(ada)},{Ingest.Events.Track(bob)}]}}", write);

        for (var i = 0; i < 2; i++) // the second publishes nothing
            Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, "/v1/program", key, """{"currency":"GBP"}""")).Status);
        Assert.Equal(200, (await _server.GetAsync($"/v1/customers/{bob}/export", key)).Status);
        Assert.Equal(200, (await _server.PostAsync($"/v1/customers/{bob}/merge", $$"""{"into":"{{ada}}"}""", key)).Status);
        var receipt = (await _server.SendAsync(HttpMethod.Delete, "/v1/customers/" + ada, key)).Json["receiptId"].GetString();

        var audit = await _server.GetAsync("/v1/audit?limit=4", key);
        var told = audit.Json["items"].EnumerateArray().Select(n => Line(n)[(Line(n).IndexOf(' ') + 1)..]).ToArray();
        var bobs = told[1].Split(' ')[1];
        Assert.Equal([$"customer.erased {receipt} ", $"customer.merged {bobs} {receipt}", $"customer.exported {bobs} ", "program.published 2 "], told);
        Assert.Equal(told[1..3], (await _server.GetAsync("/v1/audit?customer=" + bob, key)).Json["items"].EnumerateArray().Select(n => Line(n)[(Line(n).IndexOf(' ') + 1)..]));
        Assert.Equal(told[..2], (await _server.GetAsync("/v1/audit?customer=user:" + ada, key)).Json["items"].EnumerateArray().Select(n => Line(n)[(Line(n).IndexOf(' ') + 1)..]));
        Assert.Empty((await _server.GetAsync("/v1/audit?customer=" + bob)).Json["items"].EnumerateArray());
        Assert.DoesNotContain(ada, audit.Body);
        Assert.DoesNotContain(bob, audit.Body);
    }

    [Fact]
    public async Task Audit_has_pages()
    {
        var key = await _server.NewTenantAsync();
        for (var i = 0; i < 4; i++)
            await _server.PostAsync("/v1/keys", "{}", key);
        var whole = (await _server.GetAsync("/v1/audit", key)).Json["items"].EnumerateArray().Select(Line).ToArray();

        var seen = (await _server.ListAsync("/v1/audit?limit=2", "before", key)).Select(Line);

        Assert.Equal(5, whole.Length);
        Assert.Equal(whole, seen);
    }

    [Theory]
    [InlineData("limit=0", "invalid_limit")]
    [InlineData("limit=501", "invalid_limit")]
    [InlineData("limit=x", "invalid_limit")]
    [InlineData("before=x", "invalid_cursor")]
    [InlineData("customer=%01", "invalid_customer_id")]
    public async Task Page_that_cannot_be_is_refused(string query, string code)
    {
        var answer = await _server.GetAsync("/v1/audit?" + query);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Old_notes_go()
    {
        var time = new MovableTime();
        await using var server = await TestServer.StartAsync(
            configure: o => o.Access.AuditRetention = TimeSpan.FromDays(30), services: s => s.AddSingleton<TimeProvider>(time));
        Assert.Contains("tenant.created", (await server.GetAsync("/v1/audit")).Body);

        time.Advance(TimeSpan.FromDays(31));

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while ((await server.GetAsync("/v1/audit")).Body.Contains("tenant.created"))
            await Task.Delay(20, deadline.Token);
    }

    private static string Line(JsonElement note) =>
        string.Join(' ', new[] { "actor", "action", "target", "detail" }.Select(field => note.GetProperty(field).GetString()));
}
