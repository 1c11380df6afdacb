using System.Collections.Frozen;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>
/// All keys in memory by the hash of their secret, and which tenants are open: one look-up per request, none in the database. What this
/// process changes counts at once; what another one changes, at the next refresh.
/// </summary>
internal sealed class KeyRing(IAccountStore store, AccessOptions options, TimeProvider time)
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private Ring _ring = Ring.Empty;

    /// <returns>Null for a key that opens nothing: unknown, revoked, ended, or of a disabled tenant.</returns>
    public KeyRow? Find(string secret)
    {
        var ring = _ring;
        if (!ring.ByHash.TryGetValue(Secrets.HashOf(secret), out var key) || !IsAlive(ring, key.Row))
            return null;
        key.NoteUse(time.GetUtcNow().ToUnixTimeMilliseconds());
        return key.Row;
    }

    /// <summary>Whether the tenant's key opens anything (still).</summary>
    public bool IsAlive(string tenant, string keyId)
    {
        var ring = _ring;
        return ring.ById.TryGetValue((tenant, keyId), out var key) && IsAlive(ring, key.Row);
    }

    /// <summary>Whether the tenant's keys, sessions and tokens open anything.</summary>
    public bool IsOpen(string tenant) => !_ring.Closed.Contains(tenant);

    /// <summary>The tenant's keys, oldest first, with those that have ended.</summary>
    public KeyRow[] KeysOf(string tenant) =>
        [.. _ring.ByHash.Values.Where(k => k.Row.Tenant == tenant).Select(k => k.Shown).OrderBy(k => k.CreatedMs).ThenBy(k => k.Id, StringComparer.Ordinal)];

    public async Task ReloadAsync(CancellationToken cancellation)
    {
        // The number first: what changes while the rest is read has a higher one, and is read again.
        var revision = await store.ReadRevisionAsync(cancellation);
        var tenants = await store.ReadTenantsAsync(cancellation);
        _ring = Ring.Of(revision, await store.ReadKeysAsync(cancellation), tenants, _ring);
    }

    /// <summary>Takes up what another process has changed.</summary>
    public Task RefreshAsync(CancellationToken cancellation) => WriteAsync(
        async () =>
        {
            if (await store.ReadRevisionAsync(cancellation) != _ring.Revision)
                await ReloadAsync(cancellation);
            return true;
        },
        cancellation);

    /// <summary>Stores when keys were last used, where what is stored is older than <see cref="AccessOptions.KeyUseEvery"/>.</summary>
    public async Task StoreUsesAsync(CancellationToken cancellation)
    {
        var keys = _ring.ByHash.Values.Where(k => k.UsedMs - k.StoredUsedMs >= options.KeyUseEvery.TotalMilliseconds).ToArray();
        if (keys.Length == 0)
            return;
        var uses = Array.ConvertAll(keys, k => new KeyUse(k.Row.Tenant, k.Row.Id, k.UsedMs));
        await store.MarkKeysUsedAsync(uses, cancellation);
        for (var i = 0; i < keys.Length; i++)
            keys[i].StoredUsedMs = uses[i].UsedMs;
    }

    /// <returns>False when the tenant has too many keys or this secret is a key already.</returns>
    public Task<bool> AddAsync(KeyRow key, AuditNote note, CancellationToken cancellation) => WriteAsync(
        async () => KeysOf(key.Tenant).Length < options.KeysPerTenantMax && await ReloadAfterAsync(store.AddKeyAsync(key, note, cancellation)),
        cancellation);

    /// <summary>Replaces name and end of a key.</summary>
    /// <returns>False when there is none.</returns>
    public Task<bool> UpdateAsync(KeyRow key, AuditNote note, CancellationToken cancellation) =>
        WriteAsync(() => ReloadAfterAsync(store.UpdateKeyAsync(key, note, cancellation)), cancellation);

    /// <returns>False when there is none.</returns>
    public Task<bool> DeleteAsync(string tenant, string id, AuditNote note, CancellationToken cancellation) =>
        WriteAsync(() => ReloadAfterAsync(store.DeleteKeyAsync(tenant, id, note, cancellation)), cancellation);

    /// <returns>False when it exists.</returns>
    public Task<bool> AddTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation) =>
        WriteAsync(() => ReloadAfterAsync(store.AddTenantAsync(tenant, note, cancellation)), cancellation);

    /// <returns>False when there is none.</returns>
    public Task<bool> UpdateTenantAsync(TenantRow tenant, AuditNote note, CancellationToken cancellation) =>
        WriteAsync(() => ReloadAfterAsync(store.UpdateTenantAsync(tenant, note, cancellation)), cancellation);

    // Once the change is stored the copy has to follow, whether or not its sender still waits.
    private async Task<bool> ReloadAfterAsync(Task<bool> change)
    {
        var done = await change;
        await ReloadAsync(CancellationToken.None);
        return done;
    }

    private async Task<bool> WriteAsync(Func<Task<bool>> write, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            return await write();
        }
        finally
        {
            _writing.Release();
        }
    }

    private bool IsAlive(Ring ring, KeyRow key) =>
        (key.ExpiresMs == 0 || key.ExpiresMs > time.GetUtcNow().ToUnixTimeMilliseconds()) && !ring.Closed.Contains(key.Tenant);

    private sealed record Ring(
        long Revision,
        FrozenDictionary<string, HeldKey> ByHash,
        FrozenDictionary<(string Tenant, string Id), HeldKey> ById,
        FrozenSet<string> Closed)
    {
        public static readonly Ring Empty = Of(-1, [], [], null);

        public static Ring Of(long revision, KeyRow[] rows, TenantRow[] tenants, Ring? before)
        {
            var keys = Array.ConvertAll(rows, row => new HeldKey(row, before?.ByHash.GetValueOrDefault(row.SecretHash)?.UsedMs ?? 0));
            return new Ring(
                revision,
                keys.ToFrozenDictionary(k => k.Row.SecretHash, StringComparer.Ordinal),
                keys.ToFrozenDictionary(k => (k.Row.Tenant, k.Row.Id)),
                tenants.Where(t => t.IsDisabled).Select(t => t.Id).ToFrozenSet(StringComparer.Ordinal));
        }
    }

    private sealed class HeldKey(KeyRow row, long usedMs)
    {
        /// <summary>Requests of one second write one time: the place is shared by all cores.</summary>
        private const long NoticedMs = 1_000;

        private long _usedMs = Math.Max(row.LastUsedMs, usedMs);

        public KeyRow Row { get; } = row;

        public long StoredUsedMs { get; set; } = row.LastUsedMs;

        public long UsedMs => Volatile.Read(ref _usedMs);

        public KeyRow Shown => Row with { LastUsedMs = UsedMs };

        public void NoteUse(long nowMs)
        {
            if (nowMs - UsedMs >= NoticedMs)
                Volatile.Write(ref _usedMs, nowMs);
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
