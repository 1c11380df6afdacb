using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    private static readonly UserEdit NoEdit = new(null, null, null);

    private IAccountStore Accounts => _test.Accounts;

    [ConformanceFact]
    public async Task Tenants_and_keys_are_kept_once_each()
    {
        var tenant = new TenantRow("acme", "Acme & Söhne", 1);
        Assert.True(await Accounts.AddTenantAsync(tenant, Note("t1"), None));
        Assert.False(await Accounts.AddTenantAsync(tenant with { Name = "other" }, Note("t2"), None));
        var key = new KeyRow("k1", "acme", "api", "hash-1", ["customers:read", "events:write"], "shop", 2, 70, 60);
        Assert.True(await Accounts.AddKeyAsync(key, Note("k1"), None));
        Assert.False(await Accounts.AddKeyAsync(key with { Id = "k2" }, Note("k2"), None));
        Assert.True(await Accounts.AddKeyAsync(key with { Id = "k0", SecretHash = "hash-0", Scopes = [] }, Note("k0"), None));
        await _test.CrashAndReopenAsync();

        Assert.Equal([tenant], await Accounts.ReadTenantsAsync(None));
        var keys = await Accounts.ReadKeysAsync(None);
        Assert.Equal(["k0", "k1"], keys.Select(row => row.Id));
        Assert.Empty(keys[0].Scopes);
        Assert.Equal(key, keys[1] with { Scopes = key.Scopes });
        Assert.Equal(key.Scopes, keys[1].Scopes);
        Assert.False(await Accounts.DeleteKeyAsync("other", "k1", Note("d1"), None));
        Assert.True(await Accounts.DeleteKeyAsync("acme", "k1", Note("d1"), None));
        Assert.Single(await Accounts.ReadKeysAsync(None));
    }

    [ConformanceFact]
    public async Task Every_change_of_a_tenant_or_key_raises_the_revision_and_nothing_else_does()
    {
        var revision = await Accounts.ReadRevisionAsync(None);
        async Task<bool> RisesAsync(Func<Task> act)
        {
            await act();
            var before = revision;
            revision = await Accounts.ReadRevisionAsync(None);
            return revision > before;
        }

        var tenant = new TenantRow("acme", "Acme", 1);
        var key = new KeyRow("k1", "acme", "api", "hash-1", [], "shop", 2);
        Assert.True(await RisesAsync(() => Accounts.AddTenantAsync(tenant, Note("n"), None)));
        Assert.False(await RisesAsync(() => Accounts.AddTenantAsync(tenant, Note("n"), None)));
        Assert.True(await RisesAsync(() => Accounts.UpdateTenantAsync(tenant with { IsDisabled = true }, Note("n"), None)));
        Assert.False(await RisesAsync(() => Accounts.UpdateTenantAsync(tenant with { Id = "other" }, Note("n"), None)));
        Assert.True(await RisesAsync(() => Accounts.AddKeyAsync(key, Note("n"), None)));
        Assert.True(await RisesAsync(() => Accounts.UpdateKeyAsync(key with { Name = "till", ExpiresMs = 9 }, Note("n"), None)));
        Assert.False(await RisesAsync(() => Accounts.UpdateKeyAsync(key with { Tenant = "other" }, Note("n"), None)));
        Assert.False(await RisesAsync(() => Accounts.MarkKeysUsedAsync([new KeyUse("acme", "k1", 50)], None)));
        Assert.Equal(key with { Name = "till", ExpiresMs = 9, LastUsedMs = 50 }, (await Accounts.ReadKeysAsync(None))[0] with { Scopes = key.Scopes });
        Assert.Equal(tenant with { IsDisabled = true }, Assert.Single(await Accounts.ReadTenantsAsync(None)));
        Assert.True(await RisesAsync(() => Accounts.DeleteKeyAsync("acme", "k1", Note("n"), None)));
        Assert.False(await RisesAsync(() => Accounts.DeleteKeyAsync("acme", "k1", Note("n"), None)));
    }

    [ConformanceFact]
    public async Task Use_of_a_key_never_goes_back_in_time()
    {
        await Accounts.AddKeyAsync(new KeyRow("k1", "acme", "api", "hash-1", [], "shop", 2), Note("k1"), None);
        await Accounts.MarkKeysUsedAsync([new KeyUse("acme", "k1", 50), new KeyUse("acme", "gone", 50)], None);
        await Accounts.MarkKeysUsedAsync([new KeyUse("acme", "k1", 40), new KeyUse("other", "k1", 60)], None);

        Assert.Equal(50, Assert.Single(await Accounts.ReadKeysAsync(None)).LastUsedMs);
    }

    [ConformanceFact]
    public async Task User_is_found_by_address_whatever_its_case_and_addresses_are_unique()
    {
        var user = User("u1", "Ülo@Example.com", "agent");
        Assert.True(await Accounts.AddUserAsync(user, Note("u1"), None));
        Assert.False(await Accounts.AddUserAsync(user with { Id = "u2", Tenant = "beta", Email = "üLO@example.COM" }, Note("u2"), None));
        Assert.Equal(user, await Accounts.FindUserAsync("ülo@example.com", None));
        Assert.Null(await Accounts.FindUserAsync("nobody@example.com", None));
        Assert.Null(await Accounts.FindUserAsync("\0ülo@example.com", None));

        var other = User("u3", "anna@example.com", "admin") with { IsDisabled = true };
        Assert.True(await Accounts.AddUserAsync(other, Note("u3"), None));
        Assert.Equal([other, user], await Accounts.ReadUsersAsync("acme", None));
        Assert.Empty(await Accounts.ReadUsersAsync("beta", None));
    }

    [ConformanceFact]
    public async Task Edit_changes_what_it_names_and_ends_sessions_when_role_or_password_change()
    {
        var user = User("u1", "a@example.com", "agent");
        await Accounts.AddUserAsync(user, Note("u1"), None);
        async Task<bool> EndsAsync(UserEdit edit)
        {
            await Accounts.AddSessionAsync(Session("t1", "u1", 100), Note("s"), None);
            await Accounts.AddSessionAsync(Session("t9", "u9", 100), Note("s"), None);
            Assert.Equal(UserChange.Done, await Accounts.EditUserAsync("acme", "u1", edit, Note("e"), None));
            Assert.NotNull(await Accounts.FindSessionAsync("t9", None));
            return await Accounts.FindSessionAsync("t1", None) is null;
        }

        Assert.False(await EndsAsync(NoEdit));
        Assert.False(await EndsAsync(NoEdit with { Role = "agent", IsDisabled = false }));
        Assert.Equal(user, await Accounts.FindUserAsync("a@example.com", None));
        Assert.True(await EndsAsync(NoEdit with { Role = "supervisor" }));
        Assert.True(await EndsAsync(NoEdit with { PasswordHash = "new" }));
        Assert.True(await EndsAsync(NoEdit with { IsDisabled = true }));
        Assert.Equal(user with { Role = "supervisor", PasswordHash = "new", IsDisabled = true }, await Accounts.FindUserAsync("a@example.com", None));
        Assert.Equal(UserChange.NotFound, await Accounts.EditUserAsync("beta", "u1", NoEdit, Note("e"), None));
        Assert.Equal(UserChange.NotFound, await Accounts.EditUserAsync("acme", "u2", NoEdit, Note("e"), None));
    }

    [ConformanceFact]
    public async Task Last_enabled_admin_of_a_tenant_stays_what_it_is()
    {
        await Accounts.AddTenantAsync(new TenantRow("acme", "Acme", 1), Note("t"), None);
        await Accounts.AddUserAsync(User("u1", "a@example.com", "admin"), Note("u"), None);
        await Accounts.AddUserAsync(User("u2", "b@example.com", "admin") with { IsDisabled = true }, Note("u"), None);
        await Accounts.AddUserAsync(User("u3", "c@example.com", "admin") with { Tenant = "beta" }, Note("u"), None);
        var before = (await Accounts.ReadNotesAsync("acme", "", long.MaxValue, 100, None)).Length;

        Assert.Equal(UserChange.LastAdmin, await Accounts.DeleteUserAsync("acme", "u1", Note("d"), None));
        Assert.Equal(UserChange.LastAdmin, await Accounts.EditUserAsync("acme", "u1", NoEdit with { Role = "agent" }, Note("e"), None));
        Assert.Equal(UserChange.LastAdmin, await Accounts.EditUserAsync("acme", "u1", NoEdit with { IsDisabled = true }, Note("e"), None));
        Assert.Equal(before, (await Accounts.ReadNotesAsync("acme", "", long.MaxValue, 100, None)).Length);

        Assert.Equal(UserChange.Done, await Accounts.EditUserAsync("acme", "u1", NoEdit with { PasswordHash = "new" }, Note("e"), None));
        Assert.Equal(UserChange.Done, await Accounts.EditUserAsync("acme", "u2", NoEdit with { IsDisabled = false }, Note("e"), None));
        var both = await Task.WhenAll(
            Accounts.EditUserAsync("acme", "u1", NoEdit with { Role = "agent" }, Note("e"), None),
            Accounts.EditUserAsync("acme", "u2", NoEdit with { Role = "agent" }, Note("e"), None));
        Assert.Equal([UserChange.Done, UserChange.LastAdmin], both.Order());
    }

    [ConformanceFact]
    public async Task Sessions_end_with_their_time_their_token_or_their_user()
    {
        await Accounts.AddUserAsync(User("u1", "a@example.com", "agent"), Note("u1"), None);
        foreach (var session in new[] { Session("t1", "u1", 100), Session("t2", "u1", 200), Session("t3", "u9", 200), Session("t4", "u9", 200) })
            await Accounts.AddSessionAsync(session, Note("s"), None);
        await _test.CrashAndReopenAsync();

        Assert.Equal(Session("t1", "u1", 100), await Accounts.FindSessionAsync("t1", None));
        Assert.False(await Accounts.DeleteExpiredAsync(150, 10, None));
        Assert.Null(await Accounts.FindSessionAsync("t1", None));
        Assert.NotNull(await Accounts.FindSessionAsync("t2", None));
        Assert.Equal(UserChange.NotFound, await Accounts.DeleteUserAsync("beta", "u1", Note("d"), None));
        Assert.Equal(UserChange.Done, await Accounts.DeleteUserAsync("acme", "u1", Note("d"), None));
        Assert.Null(await Accounts.FindSessionAsync("t2", None));
        await Accounts.AddSessionAsync(Session("t5", "u5", 200), Note("s"), None);
        await Accounts.AddSessionAsync(Session("t6", "u5", 200), Note("s"), None);
        Assert.False(await Accounts.DeleteSessionsAsync("other", "u5", Note("s"), None));
        Assert.True(await Accounts.DeleteSessionsAsync("acme", "u5", Note("s"), None));
        Assert.Null(await Accounts.FindSessionAsync("t5", None) ?? await Accounts.FindSessionAsync("t6", None));
        await Accounts.DeleteSessionAsync("t3", None);
        Assert.Null(await Accounts.FindSessionAsync("t3", None));
        Assert.NotNull(await Accounts.FindSessionAsync("t4", None));
    }

    [ConformanceFact]
    public async Task Customer_tokens_are_kept_until_they_end_and_cleared_in_bounded_steps()
    {
        for (var i = 0; i < 5; i++)
            await Accounts.AddCustomerTokenAsync(new CustomerTokenRow("c" + i, "acme", "k1", ["decisions", "self"], 100 + i), None);
        await _test.CrashAndReopenAsync();

        var found = await Accounts.FindCustomerTokenAsync("c4", None);
        Assert.Equal(new CustomerTokenRow("c4", "acme", "k1", found!.Scopes, 104), found);
        Assert.Equal(["decisions", "self"], found.Scopes);
        Assert.Null(await Accounts.FindCustomerTokenAsync("c5", None));
        Assert.True(await Accounts.DeleteExpiredAsync(104, 3, None));
        Assert.Equal(2, await Accounts.CountCustomerTokensAsync(None));
        Assert.False(await Accounts.DeleteExpiredAsync(104, 3, None));
        Assert.Equal(1, await Accounts.CountCustomerTokensAsync(None));
        Assert.NotNull(await Accounts.FindCustomerTokenAsync("c4", None));
    }

    [ConformanceFact]
    public async Task Change_and_its_note_are_one_and_what_changes_nothing_leaves_none()
    {
        var key = new KeyRow("k1", "acme", "api", "hash-1", [], "shop", 2);
        await Accounts.AddKeyAsync(key, Note("added"), None);
        await Accounts.AddKeyAsync(key, Note("added again"), None);
        await Accounts.AddNoteAsync(Note("refused") with { Tenant = "beta" }, None);
        await Accounts.DeleteKeyAsync("acme", "k1", Note("deleted"), None);
        await Accounts.DeleteKeyAsync("acme", "k1", Note("deleted again"), None);
        await Accounts.AddNoteAsync(Note("said"), None);
        await _test.CrashAndReopenAsync();

        var notes = await Accounts.ReadNotesAsync("acme", "", long.MaxValue, 2, None);
        Assert.Equal(["said", "deleted"], notes.Select(n => n.Note.Target));
        var rest = await Accounts.ReadNotesAsync("acme", "", notes[^1].Id, 10, None);
        Assert.Equal(Note("added"), Assert.Single(rest).Note);
        Assert.Equal("deleted", Assert.Single(await Accounts.ReadNotesAsync("acme", "deleted", long.MaxValue, 10, None)).Note.Target);
        Assert.Equal(3, (await Accounts.ReadNotesAsync("acme", "detail", long.MaxValue, 10, None)).Length);
        Assert.Empty(await Accounts.ReadNotesAsync("acme", "refused", long.MaxValue, 10, None));
        Assert.Equal("refused", Assert.Single(await Accounts.ReadNotesAsync("beta", "", long.MaxValue, 10, None)).Note.Target);
    }

    [ConformanceFact]
    public async Task Notes_go_when_they_are_old_or_too_many_for_their_tenant()
    {
        foreach (var tenant in new[] { "acme", "beta" })
            await Accounts.AddTenantAsync(new TenantRow(tenant, tenant, 1), Note("t") with { Tenant = tenant, TimeMs = 0 }, None);
        for (var i = 1; i <= 6; i++)
            await Accounts.AddNoteAsync(Note("a" + i) with { TimeMs = i }, None);
        await Accounts.AddNoteAsync(Note("b1") with { Tenant = "beta", TimeMs = 9 }, None);

        await Accounts.PruneNotesAsync(3, 100, None);
        Assert.Equal(["a6", "a5", "a4", "a3"], await TargetsAsync("acme"));
        Assert.Equal(["b1"], await TargetsAsync("beta"));
        await Accounts.PruneNotesAsync(0, 2, None);
        Assert.Equal(["a6", "a5"], await TargetsAsync("acme"));
        Assert.Equal(["b1"], await TargetsAsync("beta"));
    }

    private async Task<IEnumerable<string>> TargetsAsync(string tenant) =>
        (await Accounts.ReadNotesAsync(tenant, "", long.MaxValue, 100, None)).Select(n => n.Note.Target);

    private static AuditNote Note(string target) => new("acme", 5, "user:a@example.com", "key.created", target, "detail");

    private static UserRow User(string id, string email, string role) => new(id, "acme", email, "slow-hash", role, 3);

    private static SessionRow Session(string token, string user, long expires) => new(token, "acme", user, "a@example.com", "agent", expires);
}
