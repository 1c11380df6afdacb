namespace OrleansCrm.Journal.Accounts;

/// <summary>
/// Tenants, keys, users, sessions and customer tokens, and the record of who changed them. Rare writes, small tables; secrets come in hashed
/// and never leave. Durable when a task completes; a change and its note are one commit, and what changes nothing leaves no note.
/// </summary>
public interface IAccountStore
{
    Task<TenantRow[]> ReadTenantsAsync(CancellationToken cancellation);

    /// <returns>False when the tenant exists.</returns>
    Task<bool> AddTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation);

    /// <summary>Replaces name and state of the tenant with this id.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> UpdateTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation);

    /// <summary>Rises with every change of a tenant or key, by whatever process: who keeps a copy looks here whether it is still good.</summary>
    Task<long> ReadRevisionAsync(CancellationToken cancellation);

    Task<KeyRow[]> ReadKeysAsync(CancellationToken cancellation);

    /// <returns>False when a key with this secret exists.</returns>
    Task<bool> AddKeyAsync(KeyRow key, AuditNote note, CancellationToken cancellation);

    /// <summary>Replaces name and end of the key with this tenant and id.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> UpdateKeyAsync(KeyRow key, AuditNote note, CancellationToken cancellation);

    /// <returns>False when the tenant has no such key.</returns>
    Task<bool> DeleteKeyAsync(string tenant, string id, AuditNote note, CancellationToken cancellation);

    /// <summary>Notes when keys were last used. What is older than what is known changes nothing; neither does a key that is gone.</summary>
    Task MarkKeysUsedAsync(KeyUse[] uses, CancellationToken cancellation);

    Task<UserRow[]> ReadUsersAsync(string tenant, CancellationToken cancellation);

    /// <summary>The user with this e-mail address (compared without case), whatever the tenant: addresses are unique in an installation.</summary>
    Task<UserRow?> FindUserAsync(string email, CancellationToken cancellation);

    /// <returns>False when the e-mail address is taken.</returns>
    Task<bool> AddUserAsync(UserRow user, AuditNote note, CancellationToken cancellation);

    /// <summary>Changes a user. A new password or role, and being disabled, end the user's sessions in the same commit.</summary>
    Task<UserChange> EditUserAsync(string tenant, string id, UserEdit edit, AuditNote note, CancellationToken cancellation);

    /// <summary>Removes the user and ends the user's sessions.</summary>
    Task<UserChange> DeleteUserAsync(string tenant, string id, AuditNote note, CancellationToken cancellation);

    Task AddSessionAsync(SessionRow session, AuditNote note, CancellationToken cancellation);

    Task<SessionRow?> FindSessionAsync(string tokenHash, CancellationToken cancellation);

    Task DeleteSessionAsync(string tokenHash, CancellationToken cancellation);

    /// <summary>Ends all sessions of a user.</summary>
    /// <returns>False when there were none.</returns>
    Task<bool> DeleteSessionsAsync(string tenant, string userId, AuditNote note, CancellationToken cancellation);

    Task AddCustomerTokenAsync(CustomerTokenRow token, CancellationToken cancellation);

    Task<CustomerTokenRow?> FindCustomerTokenAsync(string tokenHash, CancellationToken cancellation);

    Task<long> CountCustomerTokensAsync(CancellationToken cancellation);

    /// <summary>Removes sessions and customer tokens that ended before <paramref name="nowMs"/>, at most <paramref name="rowsMax"/> of each.</summary>
    /// <returns>Whether there may be more.</returns>
    Task<bool> DeleteExpiredAsync(long nowMs, int rowsMax, CancellationToken cancellation);

    /// <summary>Notes what changes nothing that is stored here, such as a refused sign-in.</summary>
    Task AddNoteAsync(AuditNote note, CancellationToken cancellation);

    /// <summary>A tenant's notes before <paramref name="beforeId"/>, newest first.</summary>
    /// <param name="about">Only notes with this target or detail; empty for all.</param>
    Task<AuditRow[]> ReadNotesAsync(string tenant, string about, long beforeId, int limit, CancellationToken cancellation);

    /// <summary>Removes notes older than <paramref name="beforeMs"/>, and a tenant's oldest beyond <paramref name="notesMax"/>.</summary>
    Task PruneNotesAsync(long beforeMs, int notesMax, CancellationToken cancellation);
}
