namespace OrleansCrm.Server.Auth;

/// <summary>The bounds of tenants, keys, tokens, and of the record of who changed them.</summary>
internal sealed class AccessOptions
{
    /// <summary>
    /// How soon a key that another process has revoked ends here, and a new one opens. Default 2 s: one small read each time. Range 100 ms to 1
    /// minute. What this process changes counts at once.
    /// </summary>
    public TimeSpan KeyRefresh { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How far behind the time of a key's last use may be. Default 5 minutes: no write per request. Range 1 second to 1 day.</summary>
    public TimeSpan KeyUseEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Tenants of the installation. Default 1,000: all of them are in memory. Range 1 to 100,000.</summary>
    public int TenantsMax { get; set; } = 1_000;

    /// <summary>Keys of one tenant. Default 1,000; with more there is a leak somewhere. Range 1 to 100,000.</summary>
    public int KeysPerTenantMax { get; set; } = 1_000;

    /// <summary>Users of one tenant. Default 1,000: a change of one reads all of them. Range 1 to 100,000.</summary>
    public int UsersPerTenantMax { get; set; } = 1_000;

    /// <summary>How long a customer's token may last at most. Default 24 hours: it lies in a browser. Range 1 minute to 30 days.</summary>
    public TimeSpan CustomerTokenLifetimeMax { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Customer tokens alive at once; more are told to come back. Default 1,000,000, some 200 MB. Range 1,000 to 100,000,000.</summary>
    public int CustomerTokensMax { get; set; } = 1_000_000;

    /// <summary>Customer tokens that are known without asking the database. Default 50,000, some 20 MB. Range 0 to 10,000,000.</summary>
    public int CustomerTokensKept { get; set; } = 50_000;

    /// <summary>How long notes of the audit are kept. Default 400 days: a yearly review sees a whole year. Range 1 day to 10 years.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Notes kept for one tenant; beyond it the oldest go. Default 100,000, some 20 MB. Range 1,000 to 10,000,000.</summary>
    public int AuditNotesMax { get; set; } = 100_000;

    public string? FindFault() => this switch
    {
        { KeyRefresh: var t } when t < TimeSpan.FromMilliseconds(100) || t > TimeSpan.FromMinutes(1) => "Access:KeyRefresh takes 100 ms to 1 minute",
        { KeyUseEvery: var t } when t < TimeSpan.FromSeconds(1) || t > TimeSpan.FromDays(1) => "Access:KeyUseEvery takes 1 second to 1 day",
        { TenantsMax: < 1 or > 100_000 } => "Access:TenantsMax takes 1 to 100,000",
        { KeysPerTenantMax: < 1 or > 100_000 } => "Access:KeysPerTenantMax takes 1 to 100,000",
        { UsersPerTenantMax: < 1 or > 100_000 } => "Access:UsersPerTenantMax takes 1 to 100,000",
        { CustomerTokenLifetimeMax: var t } when t < TimeSpan.FromMinutes(1) || t > TimeSpan.FromDays(30) =>
            "Access:CustomerTokenLifetimeMax takes 1 minute to 30 days",
        { CustomerTokensMax: < 1_000 or > 100_000_000 } => "Access:CustomerTokensMax takes 1,000 to 100,000,000",
        { CustomerTokensKept: < 0 or > 10_000_000 } => "Access:CustomerTokensKept takes 0 to 10,000,000",
        { AuditRetention: var t } when t < TimeSpan.FromDays(1) || t > TimeSpan.FromDays(3660) => "Access:AuditRetention takes 1 day to 10 years",
        { AuditNotesMax: < 1_000 or > 10_000_000 } => "Access:AuditNotesMax takes 1,000 to 10,000,000",
        _ => null,
    };
}
