using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class UserTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Password = "a long enough password";

    private readonly TestServer _server = fixture.Server;

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

    [Theory]
    [InlineData("""{"password":"another long password"}""")]
    [InlineData("""{"role":"supervisor"}""")]
    [InlineData("""{"disabled":true}""")]
    public async Task Change_of_password_or_role_ends_the_sessions(string change)
    {
        var (id, email) = await NewUserAsync("agent");
        var session = await _server.SignInAsync(email, Password);

        var changed = await ChangeAsync(id, change);

        Assert.Equal(200, changed.Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/customers/nobody", session)).Status);
    }

    [Fact]
    public async Task Disabled_user_signs_in_again_when_enabled()
    {
        var (id, email) = await NewUserAsync("agent");
        var body = JsonSerializer.Serialize(new { email, password = Password });
        await ChangeAsync(id, """{"disabled":true}""");

        Assert.Equal((401, "invalid_credentials"), Of(await _server.PostAsync("/v1/sessions", body, null)));
        Assert.False((await ChangeAsync(id, """{"disabled":false}""")).Json["disabled"].GetBoolean());
        Assert.Equal(200, (await _server.PostAsync("/v1/sessions", body, null)).Status);
    }

    [Fact]
    public async Task New_password_opens_and_the_old_one_no_more()
    {
        var (id, email) = await NewUserAsync("agent");
        await ChangeAsync(id, """{"password":"another long password"}""");

        Assert.Equal(401, (await _server.PostAsync("/v1/sessions", JsonSerializer.Serialize(new { email, password = Password }), null)).Status);
        await _server.SignInAsync(email, "another long password");
    }

    [Fact]
    public async Task Last_admin_of_a_tenant_is_neither_removed_nor_demoted_nor_disabled()
    {
        var key = await _server.NewTenantAsync();
        var (id, email) = await NewUserAsync("admin", key);
        var (second, _) = await NewUserAsync("agent", key);

        Assert.Equal((409, "last_admin"), Of(await _server.SendAsync(HttpMethod.Delete, "/v1/users/" + id, key)));
        Assert.Equal((409, "last_admin"), Of(await ChangeAsync(id, """{"role":"supervisor"}""", key)));
        Assert.Equal((409, "last_admin"), Of(await ChangeAsync(id, """{"disabled":true}""", key)));
        await _server.SignInAsync(email, Password);

        Assert.Equal(200, (await ChangeAsync(second, """{"role":"admin"}""", key)).Status);
        Assert.Equal(204, (await _server.SendAsync(HttpMethod.Delete, "/v1/users/" + id, key)).Status);
    }

    [Theory]
    [InlineData("""{"role":"owner"}""", 400, "invalid_role")]
    [InlineData("""{"password":"short"}""", 400, "weak_password")]
    [InlineData("""{"disabled":"yes"}""", 400, "invalid_json")]
    public async Task Change_that_cannot_be_has_its_reason(string change, int status, string code)
    {
        var (id, _) = await NewUserAsync("agent");

        Assert.Equal((status, code), Of(await ChangeAsync(id, change)));
        Assert.Equal((404, "user_not_found"), Of(await ChangeAsync("nobody", "{}")));
    }

    private static (int, string) Of(Answer answer) => (answer.Status, answer.Code);

    private Task<Answer> ChangeAsync(string id, string body, string key = TestServer.ApiKey) =>
        _server.SendAsync(HttpMethod.Patch, "/v1/users/" + id, key, body);

    private async Task<(string Id, string Email)> NewUserAsync(string role, string key = TestServer.ApiKey)
    {
        var email = $"{Guid.NewGuid():N}@shop.example";
        var added = await _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password = Password, role }), key);
        Assert.Equal(201, added.Status);
        return (added.Json["id"].GetString()!, email);
    }

    private Task<Answer> AddUserAsync(string email, string password, string role) =>
        _server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email, password, role }), TestServer.ApiKey);
}
