using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Auth;

public sealed class SessionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Session_lasts_until_it_is_signed_out()
    {
        var answer = await _server.PostAsync("/v1/sessions", Body(" ADMIN@shop.example ", TestServer.AdminPassword), null);
        var token = answer.Json["accessToken"].GetString()!;

        Assert.Equal((12 * 3600, "admin"), (answer.Json["expiresIn"].GetInt32(), answer.Json["role"].GetString()));
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.Equal(404, (await _server.GetAsync("/v1/customers/nobody", token)).Status);
        Assert.Equal(204, (await _server.SendAsync(HttpMethod.Delete, "/v1/sessions", token)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/customers/nobody", token)).Status);
    }

    [Fact]
    public async Task Renewed_session_has_a_new_token_and_the_old_one_ends()
    {
        var old = await _server.SignInAsync();
        var answer = await _server.PostAsync("/v1/sessions/renew", "", old);

        Assert.Equal((200, 12 * 3600), (answer.Status, answer.Json["expiresIn"].GetInt32()));
        Assert.Equal(200, (await _server.GetAsync("/v1/presence", answer.Json["accessToken"].GetString())).Status);
        Assert.Equal(401, (await _server.PostAsync("/v1/sessions/renew", "", old)).Status);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_all_sessions_of_the_user_and_nobody_else_s()
    {
        var email = $"{Guid.NewGuid():N}@shop.example";
        var user = await _server.PostAsync("/v1/users", Body(email, TestServer.AdminPassword), TestServer.ApiKey);
        var (one, two, other) = (await _server.SignInAsync(email), await _server.SignInAsync(email), await _server.SignInAsync());

        Assert.Equal(204, (await _server.SendAsync(HttpMethod.Delete, "/v1/sessions/all", one)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/presence", one)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/presence", two)).Status);
        Assert.Equal(200, (await _server.GetAsync("/v1/presence", other)).Status);
        Assert.Contains("sessions.ended", (await _server.GetAsync("/v1/audit")).Body);

        var again = await _server.SignInAsync(email);
        var path = $"/v1/users/{user.Json["id"].GetString()}/sessions";
        Assert.Equal(403, (await _server.SendAsync(HttpMethod.Delete, path, again)).Status);
        Assert.Equal(204, (await _server.SendAsync(HttpMethod.Delete, path, other)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/presence", again)).Status);
        Assert.Equal(404, (await _server.SendAsync(HttpMethod.Delete, "/v1/users/nobody/sessions", other)).Status);
    }

    [Theory]
    [InlineData("admin@shop.example", "wrong password")]
    [InlineData("nobody@shop.example", "wrong password")]
    [InlineData("' OR 1=1 --", "wrong password")]
    public async Task Wrong_address_and_wrong_password_look_the_same(string email, string password)
    {
        var answer = await _server.PostAsync("/v1/sessions", Body(email, password), null);

        Assert.Equal((401, "invalid_credentials"), (answer.Status, answer.Code));
        Assert.Contains("This address, password or link opens no session.", answer.Body);
    }

    [Theory]
    [InlineData("{}", 400, "invalid_shape")]
    [InlineData("""{"email":"a@b.c"}""", 400, "invalid_shape")]
    [InlineData("""{"email":"a@b.c","password":7}""", 400, "invalid_json")]
    [InlineData("[]", 400, "invalid_json")]
    [InlineData("null", 400, "invalid_json")]
    [InlineData("", 400, "invalid_json")]
    public async Task Body_that_is_no_sign_in_is_refused(string body, int status, string code)
    {
        var answer = await _server.PostAsync("/v1/sessions", body, null);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Body_that_is_too_large_for_a_sign_in_is_refused()
    {
        var answer = await _server.PostAsync("/v1/sessions", Body("a@b.c", new string('x', 100_000)), null);

        Assert.Equal((413, "too_large"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Ten_failures_lock_one_address_and_no_other()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.SignIn.ChecksAtOnceMax = 4);
        for (var i = 0; i < 10; i++)
            Assert.Equal(401, (await server.PostAsync("/v1/sessions", Body(TestServer.AdminEmail, "guess " + i), null)).Status);

        var locked = await server.PostAsync("/v1/sessions", Body(TestServer.AdminEmail.ToUpperInvariant(), TestServer.AdminPassword), null);
        var other = await server.PostAsync("/v1/sessions", Body("other@shop.example", "guess"), null);

        Assert.Equal((429, "too_many_attempts"), (locked.Status, locked.Code));
        Assert.InRange(int.Parse(locked.Headers["Retry-After"]), 1, 300);
        Assert.Equal(401, other.Status);
    }

    [Fact]
    public async Task Link_signs_in_once()
    {
        var token = _server.Engine.Services.GetRequiredService<SignInLinks>().Create(TestServer.AdminEmail);

        var first = await _server.PostAsync("/v1/sessions/link", $"{{\"token\":\"{token}\"}}", null);
        var second = await _server.PostAsync("/v1/sessions/link", $"{{\"token\":\"{token}\"}}", null);

        Assert.Equal(404, (await _server.GetAsync("/v1/customers/nobody", first.Json["accessToken"].GetString())).Status);
        Assert.Equal((401, "invalid_credentials"), (second.Status, second.Code));
    }

    [Fact]
    public async Task Token_in_the_query_counts_on_hub_paths_alone()
    {
        var token = await _server.SignInAsync();

        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Post, "/hubs/alerts/negotiate?negotiateVersion=1&access_token=" + token)).Status);
        Assert.Equal(401, (await _server.GetAsync("/v1/customers/nobody?access_token=" + token, null)).Status);
    }

    private static string Body(string email, string password) => System.Text.Json.JsonSerializer.Serialize(new { email, password });
}
