namespace OrleansCrm.Server.Auth;

/// <summary>The bounds of signing in.</summary>
internal sealed class SignInOptions
{
    /// <summary>How long a session lasts. Default 12 hours: a working day. Range 1 minute to 30 days.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long a single-use link can be redeemed. Default 1 hour. Range 1 minute to 1 day.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Failures for one address after which it has to wait. Default 10: guessing stays hopeless, a typist is not locked out. Range 1 to 1,000.</summary>
    public int FailuresMax { get; set; } = 10;

    /// <summary>How long it has to wait, counted from the last failure. Default 5 minutes. Range 1 second to 1 day.</summary>
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Addresses whose failures are remembered; beyond it the oldest is forgotten. Default 10,000. Range 100 to 1,000,000.</summary>
    public int AddressesMax { get; set; } = 10_000;

    /// <summary>
    /// Passwords checked at once; each takes a core for tens of milliseconds on purpose, and ingest needs the others. Default 1. Range 1 to 64.
    /// </summary>
    public int ChecksAtOnceMax { get; set; } = 1;

    /// <summary>Sign-ins that may wait for such a check; more are told to come back. Default 32. Range 1 to 10,000.</summary>
    public int ChecksWaitingMax { get; set; } = 32;

    public string? FindFault() => this switch
    {
        { SessionLifetime: var t } when t < TimeSpan.FromMinutes(1) || t > TimeSpan.FromDays(30) => "SignIn:SessionLifetime takes 1 minute to 30 days",
        { LinkLifetime: var t } when t < TimeSpan.FromMinutes(1) || t > TimeSpan.FromDays(1) => "SignIn:LinkLifetime takes 1 minute to 1 day",
        { FailuresMax: < 1 or > 1_000 } => "SignIn:FailuresMax takes 1 to 1,000",
        { LockoutTime: var t } when t < TimeSpan.FromSeconds(1) || t > TimeSpan.FromDays(1) => "SignIn:LockoutTime takes 1 second to 1 day",
        { AddressesMax: < 100 or > 1_000_000 } => "SignIn:AddressesMax takes 100 to 1,000,000",
        { ChecksAtOnceMax: < 1 or > 64 } => "SignIn:ChecksAtOnceMax takes 1 to 64",
        { ChecksWaitingMax: < 1 or > 10_000 } => "SignIn:ChecksWaitingMax takes 1 to 10,000",
        _ => null,
    };
}
