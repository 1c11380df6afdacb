using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>Makes keys. The secret leaves here once and is kept nowhere.</summary>
internal sealed class NewKeys(KeyRing ring, TimeProvider time)
{
    public static string Describe(string kind, string[] scopes) => scopes.Length == 0 ? kind : $"{kind}: {string.Join(' ', scopes)}";

    public (string Code, string Detail)? FaultOfEnd(DateTimeOffset? end) => end is null || end > time.GetUtcNow() ? null : KeyFault.OfEnd;

    /// <param name="note">Of the id.</param>
    /// <returns>Null when the tenant has as many keys as it may have.</returns>
    public async Task<(KeyRow Row, string Secret)?> AddAsync(
        string tenant, string kind, string[] scopes, string name, DateTimeOffset? end, Func<string, AuditNote> note, CancellationToken cancellation)
    {
        var secret = Secrets.Create(kind == KeyKinds.Api ? "ak_" : "wk_");
        var key = Row(tenant, kind, scopes, name, end, secret);
        return await ring.AddAsync(key, note(key.Id), cancellation) ? (key, secret) : null;
    }

    /// <summary>Adds a key whose secret somebody else has chosen.</summary>
    /// <returns>False when it is a key already.</returns>
    public Task<bool> AddKnownAsync(
        string tenant, string kind, string[] scopes, string name, string secret, Func<string, AuditNote> note, CancellationToken cancellation)
    {
        var key = Row(tenant, kind, scopes, name, null, secret);
        return ring.AddAsync(key, note(key.Id), cancellation);
    }

    private KeyRow Row(string tenant, string kind, string[] scopes, string name, DateTimeOffset? end, string secret) => new(
        Secrets.CreateId(),
        tenant,
        kind,
        Secrets.HashOf(secret),
        [.. scopes.Distinct().Order(StringComparer.Ordinal)],
        name,
        time.GetUtcNow().ToUnixTimeMilliseconds(),
        end?.ToUnixTimeMilliseconds() ?? 0);
}

/// <summary>Why a key cannot be.</summary>
internal static class KeyFault
{
    private const int NameLengthMax = 100;

    public static readonly (string Code, string Detail) OfEnd = ("invalid_expiry", "\"expiresAt\" is an ISO-8601 instant in the future.");

    public static (string Code, string Detail)? OfName(string name) => name.Length > NameLengthMax || name.Any(char.IsControl)
        ? ("invalid_name", $"A name has at most {NameLengthMax} characters, none of them for control.")
        : null;

    public static (string Code, string Detail)? OfKind(string kind, string[] scopes)
    {
        if (kind is not (KeyKinds.Api or KeyKinds.ServerWrite or KeyKinds.BrowserWrite))
            return ("invalid_kind", $"A key is of the kind {KeyKinds.Api}, {KeyKinds.ServerWrite} or {KeyKinds.BrowserWrite}.");
        if (kind != KeyKinds.Api && scopes.Length > 0)
            return ("invalid_scopes", "Only an API key has scopes.");
        return scopes.All(Scopes.All.Contains) ? null : ("invalid_scopes", $"A scope is one of {string.Join(", ", Scopes.All)}.");
    }
}
