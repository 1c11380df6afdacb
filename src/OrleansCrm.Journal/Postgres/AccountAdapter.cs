using Npgsql;
using OrleansCrm.Journal.Accounts;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Tenants, keys, users, sessions and tokens, and who changed them.</summary>
internal sealed class AccountAdapter(PostgresDatabase database) : IAccountStore
{
    private const string UserColumns = "SELECT id, tenant, email, password_hash, role, created, disabled FROM orleanscrm.account";

    public Task<TenantRow[]> ReadTenantsAsync(CancellationToken cancellation) => ReadAsync(
        row => new TenantRow(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetBoolean(3)),
        cancellation,
        Statement("SELECT id, name, created, disabled FROM orleanscrm.tenant ORDER BY id"));

    public Task<bool> AddTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        note,
        cancellation,
        Statement(
            "INSERT INTO orleanscrm.tenant(id, name, created, disabled) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            Value(tenant.Id), Value(tenant.Name), Value(tenant.CreatedMs), Value(tenant.IsDisabled)));

    public Task<bool> UpdateTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        note,
        cancellation,
        Statement(
            "UPDATE orleanscrm.tenant SET name = $2, disabled = $3 WHERE id = $1",
            Value(tenant.Id), Value(tenant.Name), Value(tenant.IsDisabled)));

    public async Task<long> ReadRevisionAsync(CancellationToken cancellation) =>
        (await ReadAsync(row => row.GetInt64(0), cancellation, Statement("SELECT value FROM orleanscrm.access_revision")).ConfigureAwait(false))[0];

    public Task<KeyRow[]> ReadKeysAsync(CancellationToken cancellation) => ReadAsync(
        row => new KeyRow(
            row.GetString(1), row.GetString(0), row.GetString(2), row.GetString(3), row.GetFieldValue<string[]>(4), row.GetString(5),
            row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)),
        cancellation,
        Statement(
            "SELECT tenant, id, kind, secret_hash, scopes, name, created, expires, last_used FROM orleanscrm.api_key ORDER BY tenant, id"));

    public Task<bool> AddKeyAsync(KeyRow key, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        note,
        cancellation,
        Statement(
            """
            INSERT INTO orleanscrm.api_key(tenant, id, kind, secret_hash, scopes, name, created, expires, last_used)
            VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT DO NOTHING
            """,
            Value(key.Tenant), Value(key.Id), Value(key.Kind), Value(key.SecretHash), Value(key.Scopes), Value(key.Name), Value(key.CreatedMs),
            Value(key.ExpiresMs), Value(key.LastUsedMs)));

    public Task<bool> UpdateKeyAsync(KeyRow key, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        note,
        cancellation,
        Statement(
            "UPDATE orleanscrm.api_key SET name = $3, expires = $4 WHERE tenant = $1 AND id = $2",
            Value(key.Tenant), Value(key.Id), Value(key.Name), Value(key.ExpiresMs)));

    public Task<bool> DeleteKeyAsync(string tenant, string id, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        note, cancellation, Statement("DELETE FROM orleanscrm.api_key WHERE tenant = $1 AND id = $2", Value(tenant), Value(id)));

    public Task MarkKeysUsedAsync(KeyUse[] uses, CancellationToken cancellation) => database.WriteAsync(
        session => session.RunAsync(Array.ConvertAll(uses, use => Statement(
            "UPDATE orleanscrm.api_key SET last_used = $3 WHERE tenant = $1 AND id = $2 AND last_used < $3",
            Value(use.Tenant), Value(use.Id), Value(use.UsedMs)))),
        cancellation);

    public Task<UserRow[]> ReadUsersAsync(string tenant, CancellationToken cancellation) =>
        database.ReadAsync(session => ReadUsersAsync(session, tenant, cancellation), cancellation);

    public async Task<UserRow?> FindUserAsync(string email, CancellationToken cancellation)
    {
        var users = await ReadAsync(ToUser, cancellation, Statement(UserColumns + " WHERE email_folded = $1", Value(Fold(email))))
            .ConfigureAwait(false);
        return users is [var user] ? user : null;
    }

    public Task<bool> AddUserAsync(UserRow user, AuditNote note, CancellationToken cancellation) => ChangeAsync(
        note,
        cancellation,
        Statement(
            """
            INSERT INTO orleanscrm.account(id, tenant, email, email_folded, password_hash, role, created, disabled)
            VALUES($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT DO NOTHING
            """,
            Value(user.Id), Value(user.Tenant), Value(user.Email), Value(Fold(user.Email)), Value(user.PasswordHash), Value(user.Role),
            Value(user.CreatedMs), Value(user.IsDisabled)));

    public Task<UserChange> EditUserAsync(string tenant, string id, UserEdit edit, AuditNote note, CancellationToken cancellation) =>
        database.WriteAsync(
            async session =>
            {
                var users = await LockUsersAsync(session, tenant).ConfigureAwait(false);
                var change = UserChanges.Judge(users, id, edit, out var before, out var after);
                if (change != UserChange.Done)
                    return change;
                await session.RunAsync(
                    "UPDATE orleanscrm.account SET password_hash = $2, role = $3, disabled = $4 WHERE id = $1",
                    Value(id), Value(after!.PasswordHash), Value(after.Role), Value(after.IsDisabled)).ConfigureAwait(false);
                if (UserChanges.EndsSessions(before!, after))
                    await session.RunAsync(EndSessions(tenant, id)).ConfigureAwait(false);
                await session.RunAsync(Note(note)).ConfigureAwait(false);
                return change;
            },
            cancellation);

    public Task<UserChange> DeleteUserAsync(string tenant, string id, AuditNote note, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var users = await LockUsersAsync(session, tenant).ConfigureAwait(false);
            var change = UserChanges.Judge(users, id, edit: null, out _, out _);
            if (change != UserChange.Done)
                return change;
            await session.RunAsync(
                EndSessions(tenant, id),
                Statement("DELETE FROM orleanscrm.account WHERE tenant = $1 AND id = $2", Value(tenant), Value(id)),
                Note(note)).ConfigureAwait(false);
            return change;
        },
        cancellation);

    public Task AddSessionAsync(SessionRow session, AuditNote note, CancellationToken cancellation) => ChangeAsync(
        note,
        cancellation,
        Statement(
            """
            INSERT INTO orleanscrm.session(token_hash, tenant, user_id, email, role, expires) VALUES($1, $2, $3, $4, $5, $6)
            ON CONFLICT (token_hash) DO UPDATE SET
                tenant = excluded.tenant, user_id = excluded.user_id, email = excluded.email, role = excluded.role, expires = excluded.expires
            """,
            Value(session.TokenHash), Value(session.Tenant), Value(session.UserId), Value(session.Email), Value(session.Role),
            Value(session.ExpiresMs)));

    public async Task<SessionRow?> FindSessionAsync(string tokenHash, CancellationToken cancellation)
    {
        var sessions = await ReadAsync(
            row => new SessionRow(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5)),
            cancellation,
            Statement(
                "SELECT token_hash, tenant, user_id, email, role, expires FROM orleanscrm.session WHERE token_hash = $1", Value(tokenHash)))
            .ConfigureAwait(false);
        return sessions is [var session] ? session : null;
    }

    public Task<bool> DeleteSessionsAsync(string tenant, string userId, AuditNote note, CancellationToken cancellation) =>
        ChangeAsync(note, cancellation, EndSessions(tenant, userId));

    public Task DeleteSessionAsync(string tokenHash, CancellationToken cancellation) => RunAsync(
        cancellation, Statement("DELETE FROM orleanscrm.session WHERE token_hash = $1", Value(tokenHash)));

    public Task AddCustomerTokenAsync(CustomerTokenRow token, CancellationToken cancellation) => RunAsync(
        cancellation,
        Statement(
            "INSERT INTO orleanscrm.customer_token(token_hash, tenant, key_id, scopes, expires) VALUES($1, $2, $3, $4, $5)",
            Value(token.TokenHash), Value(token.Tenant), Value(token.KeyId), Value(token.Scopes), Value(token.ExpiresMs)));

    public async Task<CustomerTokenRow?> FindCustomerTokenAsync(string tokenHash, CancellationToken cancellation)
    {
        var tokens = await ReadAsync(
            row => new CustomerTokenRow(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetInt64(4)),
            cancellation,
            Statement(
                "SELECT token_hash, tenant, key_id, scopes, expires FROM orleanscrm.customer_token WHERE token_hash = $1", Value(tokenHash)))
            .ConfigureAwait(false);
        return tokens is [var token] ? token : null;
    }

    public async Task<long> CountCustomerTokensAsync(CancellationToken cancellation) =>
        (await ReadAsync(row => row.GetInt64(0), cancellation, Statement("SELECT count(*) FROM orleanscrm.customer_token")).ConfigureAwait(false))[0];

    public Task<bool> DeleteExpiredAsync(long nowMs, int rowsMax, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            var tokens = await session.RunAsync(
                """
                DELETE FROM orleanscrm.customer_token
                WHERE token_hash IN (SELECT token_hash FROM orleanscrm.customer_token WHERE expires < $1 LIMIT $2)
                """,
                Value(nowMs), Value((long)rowsMax)).ConfigureAwait(false);
            var sessions = await session.RunAsync(
                """
                DELETE FROM orleanscrm.session
                WHERE token_hash IN (SELECT token_hash FROM orleanscrm.session WHERE expires < $1 LIMIT $2)
                """,
                Value(nowMs), Value((long)rowsMax)).ConfigureAwait(false);
            return tokens == rowsMax || sessions == rowsMax;
        },
        cancellation);

    public Task AddNoteAsync(AuditNote note, CancellationToken cancellation) => RunAsync(cancellation, Note(note));

    public Task<AuditRow[]> ReadNotesAsync(string tenant, string about, long beforeId, int limit, CancellationToken cancellation) => ReadAsync(
        row => new AuditRow(
            row.GetInt64(0),
            new AuditNote(row.GetString(1), row.GetInt64(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6))),
        cancellation,
        Statement(
            """
            SELECT id, tenant, time, actor, action, target, detail FROM orleanscrm.audit
            WHERE tenant = $1 AND id < $2 AND ($4 = '' OR $4 IN (target, detail)) ORDER BY id DESC LIMIT $3
            """,
            Value(tenant), Value(beforeId), Value((long)limit), Value(about)));

    public Task PruneNotesAsync(long beforeMs, int notesMax, CancellationToken cancellation) => RunAsync(
        cancellation,
        Statement("DELETE FROM orleanscrm.audit WHERE time < $1", Value(beforeMs)),
        Statement(
            """
            DELETE FROM orleanscrm.audit USING (
                SELECT t.id AS tenant, (
                    SELECT a.id FROM orleanscrm.audit a WHERE a.tenant = t.id ORDER BY a.id DESC LIMIT 1 OFFSET $1) AS last
                FROM orleanscrm.tenant t) old
            WHERE audit.tenant = old.tenant AND audit.id <= old.last
            """,
            Value((long)notesMax)));

    /// <returns>Whether a row was changed.</returns>
    private Task<bool> ChangeAsync(AuditNote note, CancellationToken cancellation, params NpgsqlBatchCommand[] whenChanged) =>
        database.WriteAsync(
            async session =>
            {
                if (await session.RunAsync(whenChanged[0]).ConfigureAwait(false) == 0)
                    return false;
                await session.RunAsync([.. whenChanged[1..], Note(note)]).ConfigureAwait(false);
                return true;
            },
            cancellation);

    private Task<bool> ChangeAccessAsync(AuditNote note, CancellationToken cancellation, NpgsqlBatchCommand statement) => ChangeAsync(
        note, cancellation, statement, Statement("UPDATE orleanscrm.access_revision SET value = value + 1"));

    private Task RunAsync(CancellationToken cancellation, params NpgsqlBatchCommand[] statements) =>
        database.WriteAsync(session => session.RunAsync(statements), cancellation);

    private Task<T[]> ReadAsync<T>(Func<NpgsqlDataReader, T> map, CancellationToken cancellation, NpgsqlBatchCommand statement) =>
        database.ReadAsync(session => session.ReadAsync(map, cancellation, statement), cancellation);

    private static NpgsqlBatchCommand EndSessions(string tenant, string id) =>
        Statement("DELETE FROM orleanscrm.session WHERE tenant = $1 AND user_id = $2", Value(tenant), Value(id));

    private static NpgsqlBatchCommand Note(AuditNote note) => Statement(
        "INSERT INTO orleanscrm.audit(tenant, time, actor, action, target, detail) VALUES($1, $2, $3, $4, $5, $6)",
        Value(note.Tenant), Value(note.TimeMs), Value(note.Actor), Value(note.Action), Value(note.Target), Value(note.Detail));

    private static Task<UserRow[]> ReadUsersAsync(PostgresSession session, string tenant, CancellationToken cancellation) =>
        session.ReadAsync(ToUser, cancellation, Statement(UserColumns + " WHERE tenant = $1 ORDER BY email_folded", Value(tenant)));

    // Two administrators who demote each other at once would each still see the other: one waits for the other.
    private static async Task<UserRow[]> LockUsersAsync(PostgresSession session, string tenant)
    {
        await session.ReadAsync(
            row => row.GetString(0), "SELECT id FROM orleanscrm.tenant WHERE id = $1 FOR UPDATE", Value(tenant)).ConfigureAwait(false);
        return await ReadUsersAsync(session, tenant, CancellationToken.None).ConfigureAwait(false);
    }

    // Addresses are compared without case, in every alphabet, the same on every server whatever its locale.
    private static string Fold(string email) => Storable(email).ToUpperInvariant();

    private static UserRow ToUser(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5), row.GetBoolean(6));
}
