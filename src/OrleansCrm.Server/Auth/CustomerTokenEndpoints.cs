using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

/// <summary>A shop's server makes tokens for its customers' browsers.</summary>
internal static class CustomerTokenEndpoints
{
    private const int SecondsDefault = 900;

    public static void MapCustomerTokens(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/customers/{id}/tokens", AddAsync).RequireAuthorization(Policies.Key);

    private static async Task AddAsync(
        HttpContext context, string id, CustomerTokens tokens, IGrainFactory grains, IJournal journal, AccessOptions options)
    {
        if (await JsonBodies.ReadAsync<TokenRequest>(context) is not { } request)
            return;
        var scopes = request.Scopes ?? [CustomerScopes.Decisions];
        var seconds = request.Seconds ?? SecondsDefault;
        if (scopes.Length == 0 || !scopes.All(CustomerScopes.All.Contains))
        {
            await Problems.WriteAsync(context, 400, "invalid_scopes", $"A token has scopes of {string.Join(", ", CustomerScopes.All)}.");
            return;
        }

        if (seconds < 1 || seconds > options.CustomerTokenLifetimeMax.TotalSeconds)
        {
            await Problems.WriteAsync(context, 400, "invalid_seconds", $"A token lasts 1 to {options.CustomerTokenLifetimeMax.TotalSeconds:0} seconds.");
            return;
        }

        if (Array.Find(scopes, scope => !CustomerScopes.KeyScopesOf(scope).All(context.User.HasScope)) is { } missing)
        {
            var needed = string.Join(" and ", CustomerScopes.KeyScopesOf(missing));
            await Problems.WriteAsync(context, 403, "forbidden", $"A token with scope {missing} is made by a key with scope {needed}.");
            return;
        }

        var keys = CustomerPath.KeysOf(context, context.User.Tenant(), id, out var error);
        if (keys.Length == 0)
        {
            await Problems.WriteAsync(context, 400, "invalid_customer_id", $"This can be no customer: {error}.");
            return;
        }

        if (await WhichAsync(keys, grains, journal) is not { } customer)
        {
            await Problems.WriteUnavailableAsync(context);
            return;
        }

        string[] sorted = [.. scopes.Distinct().Order(StringComparer.Ordinal)];
        var made = await tokens.CreateAsync(customer, context.User.KeyId(), sorted, TimeSpan.FromSeconds(seconds), context.RequestAborted);
        if (made is var (token, expires))
            await JsonBodies.WriteAsync(context, 201, new { token, expiresAt = expires.UtcDateTime });
        else
            await Problems.WriteAsync(context, 429, "too_many_tokens", "As many customer tokens are alive as may be.", retryAfterSeconds: 60);
    }

    /// <summary>
    /// The first of the keys that has been seen, else the first: a shop signs a customer in before that customer's first event is here.
    /// </summary>
    /// <returns>Null when the engine cannot say.</returns>
    private static async Task<CustomerKey?> WhichAsync(CustomerKey[] keys, IGrainFactory grains, IJournal journal)
    {
        if (keys.Length == 1)
            return keys[0];
        try
        {
            var (key, found) = await CustomerLookup.FindAsync(grains, journal, keys);
            return found.Status == LookupStatus.Unavailable ? null : key;
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            return null;
        }
    }

    private sealed record TokenRequest(string[]? Scopes, int? Seconds);
}
