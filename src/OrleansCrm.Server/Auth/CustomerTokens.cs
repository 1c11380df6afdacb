using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>
/// Tokens that are good for one customer alone and may lie in a browser. Random like every other secret here, because a signed one could not
/// be revoked; the customer's key stands in the token and not in the database, so that the rows name no person and an erasure has nothing to
/// find there.
/// </summary>
internal sealed class CustomerTokens(IAccountStore store, KeyRing keys, AccessOptions options, TimeProvider time)
{
    private const string Prefix = "ct_";

    /// <summary>What <see cref="Secrets.Create"/> makes of 256 bits.</summary>
    private const int RandomLength = 43;

    private readonly ConcurrentDictionary<string, CustomerTokenRow> _kept = new(StringComparer.Ordinal);
    private long _alive;

    public static bool IsOne(string token) => token.StartsWith(Prefix, StringComparison.Ordinal);

    /// <returns>Null when too many are alive.</returns>
    public async Task<(string Token, DateTimeOffset Expires)?> CreateAsync(
        CustomerKey customer, string keyId, string[] scopes, TimeSpan lifetime, CancellationToken cancellation)
    {
        if (Interlocked.Read(ref _alive) >= options.CustomerTokensMax)
            return null;
        var token = Secrets.Create(Prefix) + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(customer.ToString()));
        var expires = time.GetUtcNow() + lifetime;
        await store.AddCustomerTokenAsync(
            new CustomerTokenRow(Secrets.HashOf(token), customer.Tenant, keyId, scopes, expires.ToUnixTimeMilliseconds()), cancellation);
        Interlocked.Increment(ref _alive);
        return (token, expires);
    }

    /// <returns>Null for a token that opens nothing (any more): unknown, ended, or made by a key that is gone.</returns>
    public async Task<CustomerToken?> FindAsync(string token, CancellationToken cancellation)
    {
        var hash = Secrets.HashOf(token);
        if (!_kept.TryGetValue(hash, out var row))
        {
            row = await store.FindCustomerTokenAsync(hash, cancellation);
            if (row is null)
                return null;
            if (_kept.Count >= options.CustomerTokensKept)
                _kept.Clear();
            if (options.CustomerTokensKept > 0)
                _kept[hash] = row;
        }

        if (row.ExpiresMs <= time.GetUtcNow().ToUnixTimeMilliseconds() || !keys.IsAlive(row.Tenant, row.KeyId))
        {
            _kept.TryRemove(hash, out _);
            return null;
        }

        var customer = CustomerKey.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.AsSpan(Prefix.Length + RandomLength))));
        return new CustomerToken(customer, row.Scopes, row.ExpiresMs, row.KeyId);
    }

    /// <summary>Counts again how many are alive: other processes make some, and time ends them.</summary>
    public async Task CountAsync(CancellationToken cancellation) =>
        Interlocked.Exchange(ref _alive, await store.CountCustomerTokensAsync(cancellation));
}

/// <param name="KeyId">The key that made it, and takes it along when it goes.</param>
internal sealed record CustomerToken(CustomerKey Customer, string[] Scopes, long ExpiresMs, string KeyId);

/// <summary>What a customer's token may be good for. It never carries more than the key that makes it.</summary>
internal static class CustomerScopes
{
    public const string Decisions = "decisions";
    public const string Redeem = "redeem";
    public const string Self = "self";

    /// <summary>Sorted, as they are stored.</summary>
    public static readonly string[] All = [Decisions, Redeem, Self];

    /// <summary>The scopes that a key needs to hand one out: the customer's own data are read, exported, and consent is changed.</summary>
    public static string[] KeyScopesOf(string scope) => scope switch
    {
        Decisions => [Scopes.Decide],
        Redeem => [Scopes.Redeem],
        _ => [Scopes.Read, Scopes.Privacy],
    };
}
