using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    private IAccountStore Accounts => _test.Accounts;

    [ConformanceFact]
    public async Task Tenants_and_keys_are_kept_once_each()
    {
        var tenant = new TenantRow("acme", "Acme & Söhne", 1);
        Assert.True(await Accounts.AddTenantAsync(tenant, None));
        Assert.False(await Accounts.AddTenantAsync(tenant with { Name = "other" }, None));
        var key = new KeyRow("k1", "acme", "api", "hash-1", ["customers:read", "events:write"], "shop", 2);
        Assert.True(await Accounts.AddKeyAsync(key, None));
        Assert.False(await Accounts.AddKeyAsync(key with { Id = "k2" }, None));
        Assert.True(await Accounts.AddKeyAsync(key with { Id = "k0", SecretHash = "hash-0", Scopes = [] }, None));
        await _test.CrashAndReopenAsync();

        Assert.Equal([tenant], await Accounts.ReadTenantsAsync(None));
        var keys = await Accounts.ReadKeysAsync(None);
        Assert.Equal(["k0", "k1"], keys.Select(row => row.Id));
        Assert.Empty(keys[0].Scopes);
        Assert.Equal(key, keys[1] with { Scopes = key.Scopes });
        Assert.Equal(key.Scopes, keys[1].Scopes);
        Assert.False(await Accounts.DeleteKeyAsync("other", "k1", None));
        Assert.True(await Accounts.DeleteKeyAsync("acme", "k1", None));
        Assert.Single(await Accounts.ReadKeysAsync(None));
    }

    [ConformanceFact]
    public async Task User_is_found_by_address_whatever_its_case_and_addresses_are_unique()
    {
        var user = new UserRow("u1", "acme", "Ülo@Example.com", "slow-hash", "agent", 3);
        Assert.True(await Accounts.AddUserAsync(user, None));
        Assert.False(await Accounts.AddUserAsync(user with { Id = "u2", Tenant = "beta", Email = "üLO@example.COM" }, None));
        Assert.Equal(user, await Accounts.FindUserAsync("ülo@example.com", None));
        Assert.Null(await Accounts.FindUserAsync("nobody@example.com", None));

        var other = new UserRow("u3", "acme", "anna@example.com", "slow-hash", "admin", 4);
        Assert.True(await Accounts.AddUserAsync(other, None));
        Assert.False(await Accounts.UpdateUserAsync(other with { Email = user.Email }, None));
        Assert.False(await Accounts.UpdateUserAsync(other with { Id = "nobody", Email = "new@example.com" }, None));
        Assert.True(await Accounts.UpdateUserAsync(other with { Role = "agent" }, None));
        Assert.Equal([other with { Role = "agent" }, user], await Accounts.ReadUsersAsync("acme", None));
        Assert.Empty(await Accounts.ReadUsersAsync("beta", None));
    }

    [ConformanceFact]
    public async Task Sessions_end_with_their_time_their_token_or_their_user()
    {
        await Accounts.AddUserAsync(new UserRow("u1", "acme", "a@example.com", "slow-hash", "agent", 3), None);
        SessionRow Session(string token, string user, long expires) => new(token, "acme", user, "a@example.com", "agent", expires);
        foreach (var session in new[] { Session("t1", "u1", 100), Session("t2", "u1", 200), Session("t3", "u9", 200), Session("t4", "u9", 200) })
            await Accounts.AddSessionAsync(session, None);
        await _test.CrashAndReopenAsync();

        Assert.Equal(Session("t1", "u1", 100), await Accounts.FindSessionAsync("t1", None));
        await Accounts.DeleteExpiredSessionsAsync(150, None);
        Assert.Null(await Accounts.FindSessionAsync("t1", None));
        Assert.NotNull(await Accounts.FindSessionAsync("t2", None));
        Assert.False(await Accounts.DeleteUserAsync("beta", "u1", None));
        Assert.True(await Accounts.DeleteUserAsync("acme", "u1", None));
        Assert.Null(await Accounts.FindSessionAsync("t2", None));
        await Accounts.DeleteSessionAsync("t3", None);
        Assert.Null(await Accounts.FindSessionAsync("t3", None));
        Assert.NotNull(await Accounts.FindSessionAsync("t4", None));
    }
}
