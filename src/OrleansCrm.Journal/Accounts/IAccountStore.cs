namespace OrleansCrm.Journal.Accounts;

/// <summary>
/// Tenants, keys, users and sessions. Rare writes, small tables; secrets come in hashed and never leave. Durable when a task completes.
/// </summary>
public interface IAccountStore
{
    Task<TenantRow[]> ReadTenantsAsync(CancellationToken cancellation);

    /// <returns>False when the tenant exists.</returns>
    Task<bool> AddTenantAsync(TenantRow tenant, CancellationToken cancellation);

    Task<KeyRow[]> ReadKeysAsync(CancellationToken cancellation);

    /// <returns>False when a key with this secret exists.</returns>
    Task<bool> AddKeyAsync(KeyRow key, CancellationToken cancellation);

    /// <returns>False when the tenant has no such key.</returns>
    Task<bool> DeleteKeyAsync(string tenant, string id, CancellationToken cancellation);

    Task<UserRow[]> ReadUsersAsync(string tenant, CancellationToken cancellation);

    /// <summary>The user with this e-mail address (compared without case), whatever the tenant: addresses are unique in an installation.</summary>
    Task<UserRow?> FindUserAsync(string email, CancellationToken cancellation);

    /// <returns>False when the e-mail address is taken.</returns>
    Task<bool> AddUserAsync(UserRow user, CancellationToken cancellation);

    /// <summary>Replaces what is stored of the user with this id.</summary>
    /// <returns>False when there is none, or when another user has the e-mail address.</returns>
    Task<bool> UpdateUserAsync(UserRow user, CancellationToken cancellation);

    /// <summary>Removes the user and ends the user's sessions.</summary>
    /// <returns>False when the tenant has no such user.</returns>
    Task<bool> DeleteUserAsync(string tenant, string id, CancellationToken cancellation);

    Task AddSessionAsync(SessionRow session, CancellationToken cancellation);

    Task<SessionRow?> FindSessionAsync(string tokenHash, CancellationToken cancellation);

    Task DeleteSessionAsync(string tokenHash, CancellationToken cancellation);

    /// <summary>Removes sessions that ended before <paramref name="nowMs"/>.</summary>
    Task DeleteExpiredSessionsAsync(long nowMs, CancellationToken cancellation);
}

public sealed record TenantRow(string Id, string Name, long CreatedMs);

/// <param name="SecretHash">SHA-256 of the key, lower-case hex.</param>
/// <param name="Kind"><c>write-server</c>, <c>write-browser</c> or <c>api</c>.</param>
/// <param name="Scopes">Of an API key, sorted.</param>
public sealed record KeyRow(string Id, string Tenant, string Kind, string SecretHash, string[] Scopes, string Name, long CreatedMs);

/// <param name="PasswordHash">Slow, salted hash.</param>
/// <param name="Role"><c>admin</c>, <c>supervisor</c> or <c>agent</c>.</param>
public sealed record UserRow(string Id, string Tenant, string Email, string PasswordHash, string Role, long CreatedMs);

/// <param name="TokenHash">SHA-256 of the token, lower-case hex.</param>
public sealed record SessionRow(string TokenHash, string Tenant, string UserId, string Email, string Role, long ExpiresMs);
