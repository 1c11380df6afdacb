namespace OrleansCrm.Journal.Accounts;

/// <param name="IsDisabled">Its keys, sessions and tokens open nothing; its data stays.</param>
public sealed record TenantRow(string Id, string Name, long CreatedMs, bool IsDisabled = false);

/// <param name="SecretHash">SHA-256 of the key, lower-case hex.</param>
/// <param name="Kind"><c>write-server</c>, <c>write-browser</c> or <c>api</c>.</param>
/// <param name="Scopes">Of an API key, sorted.</param>
/// <param name="ExpiresMs">When it ends by itself; 0 for never.</param>
/// <param name="LastUsedMs">Some minutes behind what happens; 0 for never.</param>
public sealed record KeyRow(
    string Id,
    string Tenant,
    string Kind,
    string SecretHash,
    string[] Scopes,
    string Name,
    long CreatedMs,
    long ExpiresMs = 0,
    long LastUsedMs = 0);

public readonly record struct KeyUse(string Tenant, string Id, long UsedMs);

/// <param name="PasswordHash">Slow, salted hash.</param>
/// <param name="Role"><c>admin</c>, <c>supervisor</c> or <c>agent</c>.</param>
/// <param name="IsDisabled">May not sign in.</param>
public sealed record UserRow(
    string Id, string Tenant, string Email, string PasswordHash, string Role, long CreatedMs, bool IsDisabled = false)
{
    internal bool IsActiveAdmin => Role == "admin" && !IsDisabled;

    internal UserRow With(UserEdit edit) => this with
    {
        PasswordHash = edit.PasswordHash ?? PasswordHash,
        Role = edit.Role ?? Role,
        IsDisabled = edit.IsDisabled ?? IsDisabled,
    };
}

/// <summary>What to change of a user; null leaves it.</summary>
public sealed record UserEdit(string? PasswordHash, string? Role, bool? IsDisabled);

/// <summary>What became of a change of a user.</summary>
public enum UserChange
{
    Unknown = 0,
    Done = 1,

    /// <summary>The tenant has no such user.</summary>
    NotFound = 2,

    /// <summary>Nobody would be left to administer the tenant: its last enabled user with the role admin cannot go, nor become less.</summary>
    LastAdmin = 3,
}

/// <param name="TokenHash">SHA-256 of the token, lower-case hex.</param>
public sealed record SessionRow(string TokenHash, string Tenant, string UserId, string Email, string Role, long ExpiresMs);

/// <summary>A customer's token. Whose it is stands in the token itself, so that a row here names no person.</summary>
/// <param name="TokenHash">SHA-256 of the whole token, lower-case hex.</param>
/// <param name="KeyId">The API key that made it; the token ends with the key.</param>
/// <param name="Scopes">Sorted.</param>
public sealed record CustomerTokenRow(string TokenHash, string Tenant, string KeyId, string[] Scopes, long ExpiresMs);

/// <summary>Who did what. Never holds a secret.</summary>
/// <param name="Tenant">Who may read it.</param>
/// <param name="Actor"><c>user:ADDRESS</c>, <c>key:ID</c> or <c>system</c>.</param>
/// <param name="Action">What was done, in the past tense, such as <c>key.created</c>.</param>
/// <param name="Target">What it was done to: an id or an address.</param>
/// <param name="Detail">More for people, or empty.</param>
public sealed record AuditNote(string Tenant, long TimeMs, string Actor, string Action, string Target, string Detail);

/// <param name="Id">Rises.</param>
public sealed record AuditRow(long Id, AuditNote Note);
