using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Tenants, keys, users, sessions and tokens, and who changed them.</summary>
internal sealed class AccountAdapter(SqliteDatabase database) : IAccountStore
{
    private const string UserColumns = "SELECT id, tenant, email, password_hash, role, created, disabled FROM account";

    public Task<TenantRow[]> ReadTenantsAsync(CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var tenants = new List<TenantRow>();
            using var rows = session.Prepare("SELECT id, name, created, disabled FROM tenant ORDER BY id");
            while (rows.Step())
                tenants.Add(new TenantRow(rows.Text(0), rows.Text(1), rows.Int64(2), rows.Int64(3) != 0));
            return tenants.ToArray();
        },
        cancellation);

    public Task<bool> AddTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        session => session.Prepare("INSERT OR IGNORE INTO tenant(id, name, created, disabled) VALUES(?, ?, ?, ?)")
            .Bind(tenant.Id).Bind(tenant.Name).Bind(tenant.CreatedMs).Bind(tenant.IsDisabled ? 1 : 0).Run(),
        note,
        cancellation);

    public Task<bool> UpdateTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        session => session.Prepare("UPDATE tenant SET name = ?, disabled = ? WHERE id = ?")
            .Bind(tenant.Name).Bind(tenant.IsDisabled ? 1 : 0).Bind(tenant.Id).Run(),
        note,
        cancellation);

    public Task<long> ReadRevisionAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.Int64("SELECT value FROM access_revision"), cancellation);

    public Task<KeyRow[]> ReadKeysAsync(CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var keys = new List<KeyRow>();
            using var rows = session.Prepare(
                "SELECT id, tenant, kind, secret_hash, scopes, name, created, expires, last_used FROM api_key ORDER BY tenant, id");
            while (rows.Step())
            {
                keys.Add(new KeyRow(
                    rows.Text(0), rows.Text(1), rows.Text(2), rows.Text(3), Split(rows.Text(4)), rows.Text(5), rows.Int64(6), rows.Int64(7),
                    rows.Int64(8)));
            }

            return keys.ToArray();
        },
        cancellation);

    public Task<bool> AddKeyAsync(KeyRow key, AuditNote note, CancellationToken cancellation)
    {
        var scopes = Join(key.Scopes);
        return ChangeAccessAsync(
            session => session.Prepare(
                """
                INSERT OR IGNORE INTO api_key(id, tenant, kind, secret_hash, scopes, name, created, expires, last_used)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)
                """).Bind(key.Id).Bind(key.Tenant).Bind(key.Kind).Bind(key.SecretHash).Bind(scopes).Bind(key.Name)
                .Bind(key.CreatedMs).Bind(key.ExpiresMs).Bind(key.LastUsedMs).Run(),
            note,
            cancellation);
    }

    public Task<bool> UpdateKeyAsync(KeyRow key, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        session => session.Prepare("UPDATE api_key SET name = ?, expires = ? WHERE tenant = ? AND id = ?")
            .Bind(key.Name).Bind(key.ExpiresMs).Bind(key.Tenant).Bind(key.Id).Run(),
        note,
        cancellation);

    public Task<bool> DeleteKeyAsync(string tenant, string id, AuditNote note, CancellationToken cancellation) => ChangeAccessAsync(
        session => session.Prepare("DELETE FROM api_key WHERE tenant = ? AND id = ?").Bind(tenant).Bind(id).Run(),
        note,
        cancellation);

    public Task MarkKeysUsedAsync(KeyUse[] uses, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            foreach (var use in uses)
            {
                session.Prepare("UPDATE api_key SET last_used = ? WHERE tenant = ? AND id = ? AND last_used < ?")
                    .Bind(use.UsedMs).Bind(use.Tenant).Bind(use.Id).Bind(use.UsedMs).Run();
            }
        },
        cancellation);

    public Task<UserRow[]> ReadUsersAsync(string tenant, CancellationToken cancellation) =>
        database.ReadAsync(session => ReadUsers(session, tenant), cancellation);

    public Task<UserRow?> FindUserAsync(string email, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            using var row = session.Prepare(UserColumns + " WHERE email_folded = ?").Bind(Fold(email));
            return row.Step() ? ToUser(row) : null;
        },
        cancellation);

    public Task<bool> AddUserAsync(UserRow user, AuditNote note, CancellationToken cancellation) => ChangeAsync(
        session => session.Prepare(
            """
            INSERT OR IGNORE INTO account(id, tenant, email, email_folded, password_hash, role, created, disabled)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?)
            """).Bind(user.Id).Bind(user.Tenant).Bind(user.Email).Bind(Fold(user.Email)).Bind(user.PasswordHash).Bind(user.Role)
            .Bind(user.CreatedMs).Bind(user.IsDisabled ? 1 : 0).Run(),
        note,
        cancellation);

    public Task<UserChange> EditUserAsync(string tenant, string id, UserEdit edit, AuditNote note, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var change = UserChanges.Judge(ReadUsers(session, tenant), id, edit, out var before, out var after);
                if (change != UserChange.Done)
                    return change;
                session.Prepare("UPDATE account SET password_hash = ?, role = ?, disabled = ? WHERE id = ?")
                    .Bind(after!.PasswordHash).Bind(after.Role).Bind(after.IsDisabled ? 1 : 0).Bind(id).Run();
                if (UserChanges.EndsSessions(before!, after))
                    session.Prepare("DELETE FROM session WHERE tenant = ? AND user_id = ?").Bind(tenant).Bind(id).Run();
                Note(session, note);
                return change;
            },
            cancellation);

    public Task<UserChange> DeleteUserAsync(string tenant, string id, AuditNote note, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var change = UserChanges.Judge(ReadUsers(session, tenant), id, edit: null, out _, out _);
            if (change != UserChange.Done)
                return change;
            session.Prepare("DELETE FROM session WHERE tenant = ? AND user_id = ?").Bind(tenant).Bind(id).Run();
            session.Prepare("DELETE FROM account WHERE tenant = ? AND id = ?").Bind(tenant).Bind(id).Run();
            Note(session, note);
            return change;
        },
        cancellation);

    public Task AddSessionAsync(SessionRow row, AuditNote note, CancellationToken cancellation) => ChangeAsync(
        session => session.Prepare(
            "INSERT OR REPLACE INTO session(token_hash, tenant, user_id, email, role, expires) VALUES(?, ?, ?, ?, ?, ?)")
            .Bind(row.TokenHash).Bind(row.Tenant).Bind(row.UserId).Bind(row.Email).Bind(row.Role).Bind(row.ExpiresMs).Run(),
        note,
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

    public Task<bool> DeleteSessionsAsync(string tenant, string userId, AuditNote note, CancellationToken cancellation) => ChangeAsync(
        session => session.Prepare("DELETE FROM session WHERE tenant = ? AND user_id = ?").Bind(tenant).Bind(userId).Run(),
        note,
        cancellation);

    public Task DeleteSessionAsync(string tokenHash, CancellationToken cancellation) => database.WriteAsync(
        session => session.Prepare("DELETE FROM session WHERE token_hash = ?").Bind(tokenHash).Run(),
        cancellation);

    public Task AddCustomerTokenAsync(CustomerTokenRow token, CancellationToken cancellation)
    {
        var scopes = Join(token.Scopes);
        return database.WriteAsync(
            session => session.Prepare("INSERT INTO customer_token(token_hash, tenant, key_id, scopes, expires) VALUES(?, ?, ?, ?, ?)")
                .Bind(token.TokenHash).Bind(token.Tenant).Bind(token.KeyId).Bind(scopes).Bind(token.ExpiresMs).Run(),
            cancellation);
    }

    public Task<CustomerTokenRow?> FindCustomerTokenAsync(string tokenHash, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            using var row = session.Prepare("SELECT token_hash, tenant, key_id, scopes, expires FROM customer_token WHERE token_hash = ?")
                .Bind(tokenHash);
            return row.Step() ? new CustomerTokenRow(row.Text(0), row.Text(1), row.Text(2), Split(row.Text(3)), row.Int64(4)) : null;
        },
        cancellation);

    public Task<long> CountCustomerTokensAsync(CancellationToken cancellation) =>
        database.ReadAsync(session => session.Int64("SELECT count(*) FROM customer_token"), cancellation);

    public Task<bool> DeleteExpiredAsync(long nowMs, int rowsMax, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            var tokens = session.Prepare(
                "DELETE FROM customer_token WHERE token_hash IN (SELECT token_hash FROM customer_token WHERE expires < ? LIMIT ?)")
                .Bind(nowMs).Bind(rowsMax).Run();
            var sessions = session.Prepare("DELETE FROM session WHERE token_hash IN (SELECT token_hash FROM session WHERE expires < ? LIMIT ?)")
                .Bind(nowMs).Bind(rowsMax).Run();
            return tokens == rowsMax || sessions == rowsMax;
        },
        cancellation);

    public Task AddNoteAsync(AuditNote note, CancellationToken cancellation) =>
        database.WriteAsync(session => Note(session, note), cancellation);

    public Task<AuditRow[]> ReadNotesAsync(string tenant, string about, long beforeId, int limit, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var notes = new List<AuditRow>();
            using var rows = session.Prepare(
                """
                SELECT id, tenant, time, actor, action, target, detail FROM audit
                WHERE tenant = ? AND id < ? AND (? = '' OR ? IN (target, detail)) ORDER BY id DESC LIMIT ?
                """).Bind(tenant).Bind(beforeId).Bind(about).Bind(about).Bind(limit);
            while (rows.Step())
            {
                var note = new AuditNote(rows.Text(1), rows.Int64(2), rows.Text(3), rows.Text(4), rows.Text(5), rows.Text(6));
                notes.Add(new AuditRow(rows.Int64(0), note));
            }

            return notes.ToArray();
        },
        cancellation);

    public Task PruneNotesAsync(long beforeMs, int notesMax, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            session.Prepare("DELETE FROM audit WHERE time < ?").Bind(beforeMs).Run();
            var tenants = new List<string>();
            using (var rows = session.Prepare("SELECT id FROM tenant"))
            {
                while (rows.Step())
                    tenants.Add(rows.Text(0));
            }

            foreach (var tenant in tenants)
            {
                session.Prepare(
                    """
                    DELETE FROM audit
                    WHERE tenant = ? AND id <= (SELECT id FROM audit WHERE tenant = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
                    """).Bind(tenant).Bind(tenant).Bind(notesMax).Run();
            }
        },
        cancellation);

    /// <returns>Whether a row was changed.</returns>
    private Task<bool> ChangeAsync(Func<SqliteSession, int> change, AuditNote note, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            if (change(session) == 0)
                return false;
            Note(session, note);
            return true;
        },
        cancellation);

    private Task<bool> ChangeAccessAsync(Func<SqliteSession, int> change, AuditNote note, CancellationToken cancellation) => ChangeAsync(
        session =>
        {
            var changed = change(session);
            if (changed > 0)
                session.Prepare("UPDATE access_revision SET value = value + 1").Run();
            return changed;
        },
        note,
        cancellation);

    private static void Note(SqliteSession session, AuditNote note) =>
        session.Prepare("INSERT INTO audit(tenant, time, actor, action, target, detail) VALUES(?, ?, ?, ?, ?, ?)")
            .Bind(note.Tenant).Bind(note.TimeMs).Bind(note.Actor).Bind(note.Action).Bind(note.Target).Bind(note.Detail).Run();

    private static UserRow[] ReadUsers(SqliteSession session, string tenant)
    {
        var users = new List<UserRow>();
        using var rows = session.Prepare(UserColumns + " WHERE tenant = ? ORDER BY email_folded").Bind(tenant);
        while (rows.Step())
            users.Add(ToUser(rows));
        return users.ToArray();
    }

    // Addresses are compared without case, in every alphabet; SQLite's own comparison knows ASCII only.
    private static string Fold(string email) => email.ToUpperInvariant();

    private static string Join(string[] scopes) => Array.Exists(scopes, scope => scope.Length == 0 || scope.Contains(' '))
        ? throw new ArgumentException("A scope has no spaces and is not empty.", nameof(scopes))
        : string.Join(' ', scopes);

    private static string[] Split(string scopes) => scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static UserRow ToUser(SqliteStatement row) =>
        new(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4), row.Int64(5), row.Int64(6) != 0);
}
