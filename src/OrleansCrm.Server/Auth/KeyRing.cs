using System.Collections.Frozen;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>All keys in memory by the hash of their secret: one look-up per request, none in the database.</summary>
internal sealed class KeyRing(IAccountStore accounts, TimeProvider time)
{
    /// <summary>Keys of one tenant; an installation with more has a leak somewhere.</summary>
    public const int KeysPerTenantMax = 1_000;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private FrozenDictionary<string, KeyRow> _byHash = FrozenDictionary<string, KeyRow>.Empty;

    public KeyRow? Find(string secret) => _byHash.GetValueOrDefault(Secrets.HashOf(secret));

    public KeyRow[] KeysOf(string tenant) =>
        [.. _byHash.Values.Where(k => k.Tenant == tenant).OrderBy(k => k.CreatedMs).ThenBy(k => k.Id, StringComparer.Ordinal)];

    public async Task ReloadAsync(CancellationToken cancellation) =>
        _byHash = (await accounts.ReadKeysAsync(cancellation)).ToFrozenDictionary(k => k.SecretHash, StringComparer.Ordinal);

    /// <returns>Null when the tenant has too many keys or this secret is a key already.</returns>
    public async Task<KeyRow?> AddAsync(string tenant, string kind, string[] scopes, string name, string secret, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (KeysOf(tenant).Length >= KeysPerTenantMax)
                return null;
            var key = new KeyRow(Secrets.CreateId(), tenant, kind, Secrets.HashOf(secret), scopes, name, time.GetUtcNow().ToUnixTimeMilliseconds());
            var added = await accounts.AddKeyAsync(key, cancellation);
            await ReloadAsync(cancellation);
            return added ? key : null;
        }
        finally
        {
            _writing.Release();
        }
    }

    public async Task<bool> DeleteAsync(string tenant, string id, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            var deleted = await accounts.DeleteKeyAsync(tenant, id, cancellation);
            await ReloadAsync(cancellation);
            return deleted;
        }
        finally
        {
            _writing.Release();
        }
    }
}

internal static class KeyKinds
{
    public const string ServerWrite = "write-server";
    public const string BrowserWrite = "write-browser";
    public const string Api = "api";
}

internal static class Scopes
{
    public const string Read = "read";
    public const string Decide = "decide";
    public const string Redeem = "redeem";
    public const string Privacy = "privacy";
    public const string Program = "program";
    public const string Admin = "admin";

    /// <summary>Sorted, as they are stored.</summary>
    public static readonly string[] All = [Admin, Decide, Privacy, Program, Read, Redeem];

    /// <summary>Of a new key that names none.</summary>
    public static readonly string[] Default = [Decide, Read];
}
