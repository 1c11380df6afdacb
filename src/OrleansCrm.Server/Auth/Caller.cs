using System.Security.Claims;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>Who sends a request, as claims. The tenant comes from here and from nowhere else.</summary>
internal static class Caller
{
    private const string TenantClaim = "tenant";
    private const string ScopeClaim = "scope";
    private const string RoleClaim = "role";
    private const string EmailClaim = "email";
    private const string UserClaim = "user";
    private const string SessionClaim = "session";

    public static ClaimsPrincipal OfKey(KeyRow key) =>
        Principal([new Claim(TenantClaim, key.Tenant), .. key.Scopes.Select(scope => new Claim(ScopeClaim, scope))]);

    public static ClaimsPrincipal OfSession(SessionRow session) => Principal([
        new Claim(TenantClaim, session.Tenant),
        new Claim(RoleClaim, session.Role),
        new Claim(EmailClaim, session.Email),
        new Claim(UserClaim, session.UserId),
        new Claim(SessionClaim, session.TokenHash),
    ]);

    public static string Tenant(this ClaimsPrincipal caller) => Text(caller, TenantClaim);

    public static string Email(this ClaimsPrincipal caller) => Text(caller, EmailClaim);

    public static string Role(this ClaimsPrincipal caller) => Text(caller, RoleClaim);

    public static string UserId(this ClaimsPrincipal caller) => Text(caller, UserClaim);

    public static string SessionHash(this ClaimsPrincipal caller) => Text(caller, SessionClaim);

    public static bool IsAgent(this ClaimsPrincipal caller) => caller.HasClaim(c => c.Type == RoleClaim);

    public static bool HasRole(this ClaimsPrincipal caller, string role) => caller.HasClaim(RoleClaim, role);

    public static bool HasScope(this ClaimsPrincipal caller, string scope) => caller.HasClaim(ScopeClaim, scope);

    private static string Text(ClaimsPrincipal caller, string claim) =>
        caller.FindFirstValue(claim) ?? throw new InvalidOperationException($"The caller has no {claim}: the endpoint's policy lets too much through.");

    private static ClaimsPrincipal Principal(Claim[] claims) => new(new ClaimsIdentity(claims, BearerHandler.SchemeName));
}
