using System.Security.Claims;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>Who sends a request, as claims. The tenant comes from here and from nowhere else.</summary>
internal static class Caller
{
    private const string TenantClaim = "tenant";
    private const string KeyClaim = "key";
    private const string ScopeClaim = "scope";
    private const string RoleClaim = "role";
    private const string EmailClaim = "email";
    private const string UserClaim = "user";
    private const string SessionClaim = "session";
    private const string CustomerClaim = "customer";
    private const string MakerClaim = "made-by";
    private const string CustomerScopeClaim = "customer-scope";

    public static ClaimsPrincipal OfKey(KeyRow key) => Principal(
        [new Claim(TenantClaim, key.Tenant), new Claim(KeyClaim, key.Id), .. key.Scopes.Select(scope => new Claim(ScopeClaim, scope))]);

    public static ClaimsPrincipal OfSession(SessionRow session) => Principal([
        new Claim(TenantClaim, session.Tenant),
        new Claim(RoleClaim, session.Role),
        new Claim(EmailClaim, session.Email),
        new Claim(UserClaim, session.UserId),
        new Claim(SessionClaim, session.TokenHash),
    ]);

    // Scopes of a customer are no scopes of a key: no policy for keys can take one for the other.
    public static ClaimsPrincipal OfCustomer(CustomerToken token) => Principal([
        new Claim(TenantClaim, token.Customer.Tenant),
        new Claim(CustomerClaim, token.Customer.ToString()),
        new Claim(MakerClaim, token.KeyId),
        .. token.Scopes.Select(scope => new Claim(CustomerScopeClaim, scope)),
    ]);

    public static string Tenant(this ClaimsPrincipal caller) => Text(caller, TenantClaim);

    public static string KeyId(this ClaimsPrincipal caller) => Text(caller, KeyClaim);

    public static string Email(this ClaimsPrincipal caller) => Text(caller, EmailClaim);

    public static string Role(this ClaimsPrincipal caller) => Text(caller, RoleClaim);

    public static string UserId(this ClaimsPrincipal caller) => Text(caller, UserClaim);

    public static string SessionHash(this ClaimsPrincipal caller) => Text(caller, SessionClaim);

    /// <summary>Canonical key of the customer whose token it is.</summary>
    public static string Customer(this ClaimsPrincipal caller) => Text(caller, CustomerClaim);

    /// <summary>The key that made the customer's token; it has none of that key's rights.</summary>
    public static string MakerId(this ClaimsPrincipal caller) => Text(caller, MakerClaim);

    /// <summary>The caller's name in the audit; of an agent or a key.</summary>
    public static string Actor(this ClaimsPrincipal caller) => caller.IsAgent() ? "user:" + caller.Email() : "key:" + caller.KeyId();

    public static bool IsAgent(this ClaimsPrincipal caller) => caller.HasClaim(c => c.Type == RoleClaim);

    public static bool IsKey(this ClaimsPrincipal caller) => caller.HasClaim(c => c.Type == KeyClaim);

    public static bool HasRole(this ClaimsPrincipal caller, string role) => caller.HasClaim(RoleClaim, role);

    public static bool HasScope(this ClaimsPrincipal caller, string scope) => caller.HasClaim(ScopeClaim, scope);

    /// <summary>Whether it is a customer's token with this scope.</summary>
    public static bool HasCustomerScope(this ClaimsPrincipal caller, string scope) => caller.HasClaim(CustomerScopeClaim, scope);

    private static string Text(ClaimsPrincipal caller, string claim) =>
        caller.FindFirstValue(claim) ?? throw new InvalidOperationException($"The caller has no {claim}: the endpoint's policy lets too much through.");

    private static ClaimsPrincipal Principal(Claim[] claims) => new(new ClaimsIdentity(claims, BearerHandler.SchemeName));
}
