using System.Net;
using Microsoft.AspNetCore.Authorization;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Auth;

/// <summary>What an endpoint can ask of its caller. Each endpoint names one, or says that anybody may call it.</summary>
internal static class Policies
{
    /// <summary>An agent of any role, or an API key that may read.</summary>
    public const string Read = "read";

    /// <summary>An agent of any role: commands carry the agent's name.</summary>
    public const string Agent = "agent";

    /// <summary>An administrator, or an API key that may administer.</summary>
    public const string Admin = "admin";

    /// <summary>An API key that may administer; what it does has no agent's name on it.</summary>
    public const string AdminKey = "admin-key";

    /// <summary>A supervisor or an administrator, or an API key for privacy: sees everything about a person at once.</summary>
    public const string Export = "export";

    /// <summary>An administrator, or an API key for privacy: it cannot be taken back.</summary>
    public const string Erase = "erase";

    /// <summary>An API key of any scopes; the endpoint asks for more.</summary>
    public const string Key = "key";

    /// <summary>Who administers the first tenant administers the installation.</summary>
    public const string Installation = "installation";

    /// <summary>A customer's token that opens the customer's own data.</summary>
    public const string Self = "self";

    /// <summary>Anybody on this machine; from another one, whoever has a key or a session.</summary>
    public const string Near = "near";

    /// <summary>An administrator, or an API key that may change the program.</summary>
    public const string Program = "program";

    /// <summary>A supervisor or an administrator, an API key that may redeem, or the customer's own token for it.</summary>
    public const string Redeem = "redeem";

    /// <summary>An API key that may decide, or the customer's own token for it.</summary>
    public const string Decide = "decide";

    /// <summary>A customer's token for decisions: hears of the own offers.</summary>
    public const string Shopper = "shopper";

    /// <summary>The same, and whoever may read: what was decided.</summary>
    public const string Decided = "decided";

    /// <summary>A supervisor or an administrator, or an API key that may administer: gives and takes points.</summary>
    public const string Adjust = "adjust";

    /// <summary>A supervisor or an administrator, or an API key that may administer: sees how agents work.</summary>
    public const string Supervise = "supervise";

    public static void AddAccessControl(this IServiceCollection services)
    {
        // Not AddAuthentication: it brings data protection along, which writes key files that nothing here would ever use.
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = BearerHandler.SchemeName;
            authentication.AddScheme<BearerHandler>(BearerHandler.SchemeName, displayName: null);
        });
        services.AddWebEncoders();
        services.AddTransient<BearerHandler>();
        services.AddAuthorizationBuilder()
            .AddPolicy(Read, p => p.RequireAssertion(c => c.User.IsAgent() || c.User.HasScope(Scopes.Read)))
            .AddPolicy(Agent, p => p.RequireAssertion(c => c.User.IsAgent()))
            .AddPolicy(Admin, p => p.RequireAssertion(c => c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Admin)))
            .AddPolicy(Export, p => p.RequireAssertion(
                c => c.User.HasRole(Roles.Supervisor) || c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Privacy)))
            .AddPolicy(Erase, p => p.RequireAssertion(c => c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Privacy)))
            .AddPolicy(Redeem, p => p.RequireAssertion(c => c.User.HasRole(Roles.Supervisor) || c.User.HasRole(Roles.Admin)
                || c.User.HasScope(Scopes.Redeem) || c.User.HasCustomerScope(CustomerScopes.Redeem)))
            .AddPolicy(Adjust, p => p.RequireAssertion(
                c => c.User.HasRole(Roles.Supervisor) || c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Admin)))
            .AddPolicy(Supervise, p => p.RequireAssertion(
                c => c.User.HasRole(Roles.Supervisor) || c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Admin)))
            .AddPolicy(Decide, p => p.RequireAssertion(c => c.User.HasScope(Scopes.Decide) || c.User.HasCustomerScope(CustomerScopes.Decisions)))
            .AddPolicy(Shopper, p => p.RequireAssertion(c => c.User.HasCustomerScope(CustomerScopes.Decisions)))
            .AddPolicy(Decided, p => p.RequireAssertion(c => c.User.IsAgent() || c.User.HasScope(Scopes.Read)
                || c.User.HasScope(Scopes.Decide) || c.User.HasCustomerScope(CustomerScopes.Decisions)))
            .AddPolicy(AdminKey, p => p.RequireAssertion(c => c.User.HasScope(Scopes.Admin)))
            .AddPolicy(Key, p => p.RequireAssertion(c => c.User.IsKey()))
            .AddPolicy(Installation, p => p.RequireAssertion(c =>
                (c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Admin)) && c.User.Tenant() == FirstRun.Tenant))
            .AddPolicy(Self, p => p.RequireAssertion(c => c.User.HasCustomerScope(CustomerScopes.Self)))
            .AddPolicy(Near, p => p.RequireAssertion(c => c.User.IsKey() || c.User.IsAgent() || (c.Resource is HttpContext context && IsNear(context))))
            .AddPolicy(Program, p => p.RequireAssertion(c => c.User.HasRole(Roles.Admin) || c.User.HasScope(Scopes.Program)))
            .SetFallbackPolicy(DenyUnlessNothingMatched());
    }

    // Behind a proxy on this machine everybody would be near: it says that it passes on.
    private static bool IsNear(HttpContext context) =>
        PeerAddress.Of(context) is { } peer && IPAddress.IsLoopback(peer)
        && context.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("Forwarded");

    // An endpoint that forgot to say who may call it answers nobody. What matched no route gets its 404 or 405 without a key.
    private static AuthorizationPolicy DenyUnlessNothingMatched() =>
        new AuthorizationPolicyBuilder()
            .RequireAssertion(c => c.Resource is HttpContext context && context.GetEndpoint() is not RouteEndpoint)
            .Build();
}
