using Npgsql;
using OrleansCrm.Journal.Accounts;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Tenants, keys, users and sessions.</summary>
internal sealed class AccountAdapter(PostgresDatabase database) : IAccountStore
{
    private const string UserColumns = "SELECT id, tenant, email, password_hash, role, created FROM orleanscrm.account";

    public Task<TenantRow[]> ReadTenantsAsync(CancellationToken cancellation) => ReadAsync(
        row => new TenantRow(row.GetString(0), row.GetString(1), row.GetInt64(2)),
        cancellation,
        Statement("SELECT id, name, created FROM orleanscrm.tenant ORDER BY id"));

    public Task<bool> AddTenantAsync(TenantRow tenant, CancellationToken cancellation) => ChangeAsync(
        cancellation,
        Statement(
            "INSERT INTO orleanscrm.tenant(id, name, created) VALUES($1, $2, $3) ON CONFLICT DO NOTHING",
            Value(tenant.Id), Value(tenant.Name), Value(tenant.CreatedMs)));

    public Task<KeyRow[]> ReadKeysAsync(CancellationToken cancellation) => ReadAsync(
        row => new KeyRow(
            row.GetString(1), row.GetString(0), row.GetString(2), row.GetString(3), row.GetFieldValue<string[]>(4), row.GetString(5), row.GetInt64(6)),
        cancellation,
        Statement("SELECT tenant, id, kind, secret_hash, scopes, name, created FROM orleanscrm.api_key ORDER BY tenant, id"));

    public Task<bool> AddKeyAsync(KeyRow key, CancellationToken cancellation) => ChangeAsync(
        cancellation,
        Statement(
            """
            INSERT INTO orleanscrm.api_key(tenant, id, kind, secret_hash, scopes, name, created) VALUES($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT DO NOTHING
            """,
            Value(key.Tenant), Value(key.Id), Value(key.Kind), Value(key.SecretHash), Value(key.Scopes), Value(key.Name), Value(key.CreatedMs)));

    public Task<bool> DeleteKeyAsync(string tenant, string id, CancellationToken cancellation) => ChangeAsync(
        cancellation, Statement("DELETE FROM orleanscrm.api_key WHERE tenant = $1 AND id = $2", Value(tenant), Value(id)));

    public Task<UserRow[]> ReadUsersAsync(string tenant, CancellationToken cancellation) => ReadAsync(
        ToUser, cancellation, Statement(UserColumns + " WHERE tenant = $1 ORDER BY email_folded", Value(tenant)));

    public async Task<UserRow?> FindUserAsync(string email, CancellationToken cancellation)
    {
        var users = await ReadAsync(ToUser, cancellation, Statement(UserColumns + " WHERE email_folded = $1", Value(Fold(email))))
            .ConfigureAwait(false);
        return users is [var user] ? user : null;
    }

    public Task<bool> AddUserAsync(UserRow user, CancellationToken cancellation) => ChangeAsync(
        cancellation,
        Statement(
            """
            INSERT INTO orleanscrm.account(id, tenant, email, email_folded, password_hash, role, created) VALUES($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT DO NOTHING
            """,
            Value(user.Id), Value(user.Tenant), Value(user.Email), Value(Fold(user.Email)), Value(user.PasswordHash), Value(user.Role),
            Value(user.CreatedMs)));

    public async Task<bool> UpdateUserAsync(UserRow user, CancellationToken cancellation)
    {
        try
        {
            return await ChangeAsync(
                cancellation,
                Statement(
                    """
                    UPDATE orleanscrm.account
                    SET tenant = $2, email = $3, email_folded = $4, password_hash = $5, role = $6, created = $7 WHERE id = $1
                    """,
                    Value(user.Id), Value(user.Tenant), Value(user.Email), Value(Fold(user.Email)), Value(user.PasswordHash), Value(user.Role),
                    Value(user.CreatedMs))).ConfigureAwait(false);
        }
        catch (InvalidOperationException taken) when (taken.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return false;
        }
    }

    public Task<bool> DeleteUserAsync(string tenant, string id, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            await session.RunAsync("DELETE FROM orleanscrm.session WHERE tenant = $1 AND user_id = $2", Value(tenant), Value(id))
                .ConfigureAwait(false);
            return await session.RunAsync("DELETE FROM orleanscrm.account WHERE tenant = $1 AND id = $2", Value(tenant), Value(id))
                .ConfigureAwait(false) > 0;
        },
        cancellation);

    public Task AddSessionAsync(SessionRow session, CancellationToken cancellation) => ChangeAsync(
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

    public Task DeleteSessionAsync(string tokenHash, CancellationToken cancellation) =>
        ChangeAsync(cancellation, Statement("DELETE FROM orleanscrm.session WHERE token_hash = $1", Value(tokenHash)));

    public Task DeleteExpiredSessionsAsync(long nowMs, CancellationToken cancellation) =>
        ChangeAsync(cancellation, Statement("DELETE FROM orleanscrm.session WHERE expires < $1", Value(nowMs)));

    /// <returns>Whether a row was changed.</returns>
    private Task<bool> ChangeAsync(CancellationToken cancellation, NpgsqlBatchCommand statement) => database.WriteAsync(
        async session => await session.RunAsync(statement).ConfigureAwait(false) > 0, cancellation);

    private Task<T[]> ReadAsync<T>(Func<NpgsqlDataReader, T> map, CancellationToken cancellation, NpgsqlBatchCommand statement) =>
        database.ReadAsync(session => session.ReadAsync(map, cancellation, statement), cancellation);

    // Addresses are compared without case, in every alphabet, the same on every server whatever its locale.
    private static string Fold(string email) => email.ToUpperInvariant();

    private static UserRow ToUser(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5));
}
