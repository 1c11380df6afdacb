using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Tenants, keys, users and sessions.</summary>
internal sealed class AccountAdapter(SqliteDatabase database) : IAccountStore
{
    private const string UserColumns = "SELECT id, tenant, email, password_hash, role, created FROM account";

    public Task<TenantRow[]> ReadTenantsAsync(CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var tenants = new List<TenantRow>();
            using var rows = session.Prepare("SELECT id, name, created FROM tenant ORDER BY id");
            while (rows.Step())
                tenants.Add(new TenantRow(rows.Text(0), rows.Text(1), rows.Int64(2)));
            return tenants.ToArray();
        },
        cancellation);

    public Task<bool> AddTenantAsync(TenantRow tenant, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare("INSERT OR IGNORE INTO tenant(id, name, created) VALUES(?, ?, ?)")
            .Bind(tenant.Id).Bind(tenant.Name).Bind(tenant.CreatedMs).Run() > 0,
        cancellation);

    public Task<KeyRow[]> ReadKeysAsync(CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var keys = new List<KeyRow>();
            using var rows = session.Prepare(
                "SELECT id, tenant, kind, secret_hash, scopes, name, created FROM api_key ORDER BY tenant, id");
            while (rows.Step())
            {
                var scopes = rows.Text(4).Split(' ', StringSplitOptions.RemoveEmptyEntries);
                keys.Add(new KeyRow(rows.Text(0), rows.Text(1), rows.Text(2), rows.Text(3), scopes, rows.Text(5), rows.Int64(6)));
            }

            return keys.ToArray();
        },
        cancellation);

    public Task<bool> AddKeyAsync(KeyRow key, CancellationToken cancellation)
    {
        if (Array.Exists(key.Scopes, scope => scope.Length == 0 || scope.Contains(' ')))
            throw new ArgumentException("A scope has no spaces and is not empty.", nameof(key));
        return database.WriteAsync(
            session => session.Prepare(
                "INSERT OR IGNORE INTO api_key(id, tenant, kind, secret_hash, scopes, name, created) VALUES(?, ?, ?, ?, ?, ?, ?)")
                .Bind(key.Id).Bind(key.Tenant).Bind(key.Kind).Bind(key.SecretHash).Bind(string.Join(' ', key.Scopes)).Bind(key.Name)
                .Bind(key.CreatedMs).Run() > 0,
            cancellation);
    }

    public Task<bool> DeleteKeyAsync(string tenant, string id, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare("DELETE FROM api_key WHERE tenant = ? AND id = ?").Bind(tenant).Bind(id).Run() > 0,
        cancellation);

    public Task<UserRow[]> ReadUsersAsync(string tenant, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var users = new List<UserRow>();
            using var rows = session.Prepare(UserColumns + " WHERE tenant = ? ORDER BY email_folded").Bind(tenant);
            while (rows.Step())
                users.Add(ToUser(rows));
            return users.ToArray();
        },
        cancellation);

    public Task<UserRow?> FindUserAsync(string email, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            using var row = session.Prepare(UserColumns + " WHERE email_folded = ?").Bind(Fold(email));
            return row.Step() ? ToUser(row) : null;
        },
        cancellation);

    public Task<bool> AddUserAsync(UserRow user, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare(
            """
            INSERT OR IGNORE INTO account(id, tenant, email, email_folded, password_hash, role, created)
            VALUES(?, ?, ?, ?, ?, ?, ?)
            """).Bind(user.Id).Bind(user.Tenant).Bind(user.Email).Bind(Fold(user.Email)).Bind(user.PasswordHash).Bind(user.Role)
            .Bind(user.CreatedMs).Run() > 0,
        cancellation);

    public Task<bool> UpdateUserAsync(UserRow user, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare(
            """
            UPDATE OR IGNORE account
            SET tenant = ?, email = ?, email_folded = ?, password_hash = ?, role = ?, created = ? WHERE id = ?
            """).Bind(user.Tenant).Bind(user.Email).Bind(Fold(user.Email)).Bind(user.PasswordHash).Bind(user.Role)
            .Bind(user.CreatedMs).Bind(user.Id).Run() > 0,
        cancellation);

    public Task<bool> DeleteUserAsync(string tenant, string id, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            session.Prepare("DELETE FROM session WHERE tenant = ? AND user_id = ?").Bind(tenant).Bind(id).Run();
            return session.Prepare("DELETE FROM account WHERE tenant = ? AND id = ?").Bind(tenant).Bind(id).Run() > 0;
        },
        cancellation);

    public Task AddSessionAsync(SessionRow row, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare(
            "INSERT OR REPLACE INTO session(token_hash, tenant, user_id, email, role, expires) VALUES(?, ?, ?, ?, ?, ?)")
            .Bind(row.TokenHash).Bind(row.Tenant).Bind(row.UserId).Bind(row.Email).Bind(row.Role).Bind(row.ExpiresMs).Run(),
        cancellation);

    public Task<SessionRow?> FindSessionAsync(string tokenHash, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            using var row = session.Prepare(
                "SELECT token_hash, tenant, user_id, email, role, expires FROM session WHERE token_hash = ?").Bind(tokenHash);
            return row.Step()
                ? new SessionRow(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Int64(5))
                : null;
        },
        cancellation);

    public Task DeleteSessionAsync(string tokenHash, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare("DELETE FROM session WHERE token_hash = ?").Bind(tokenHash).Run(),
        cancellation);

    public Task DeleteExpiredSessionsAsync(long nowMs, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare("DELETE FROM session WHERE expires < ?").Bind(nowMs).Run(),
        cancellation);

    // Addresses are compared without case, in every alphabet; SQLite's own comparison knows ASCII only.
    private static string Fold(string email) => email.ToUpperInvariant();

    private static UserRow ToUser(SqliteStatement row) =>
        new(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Int64(5));
}
