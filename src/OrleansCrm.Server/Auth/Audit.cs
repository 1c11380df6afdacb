using System.Security.Claims;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;

namespace OrleansCrm.Server.Auth;

/// <summary>
/// Writes down who did what. The store keeps a note in the commit of the change it tells of. Customers stand there by keyed hash, the one that
/// an erasure's receipt has: notes outlive the people they are about.
/// </summary>
internal sealed class Audit(TimeProvider time, IJournal journal)
{
    /// <summary>The actor of what the process does by its own settings.</summary>
    private const string System = "system";

    public AuditNote By(ClaimsPrincipal caller, string action, string target, string detail = "") =>
        Note(caller.Tenant(), caller.Actor(), action, target, detail);

    /// <summary>What a customer is called in the notes.</summary>
    public string NameOf(CustomerKey customer) => CustomerHash.Of(journal.Identity.HashKey, customer.ToString()).ToString("N");

    /// <summary>What somebody of one tenant did to another: that tenant may read it.</summary>
    public AuditNote ByOther(ClaimsPrincipal caller, string tenant, string action, string target, string detail = "") =>
        Note(tenant, caller.Actor(), action, target, detail);

    public AuditNote ByUser(UserRow user, string action, string detail = "") => Note(user.Tenant, "user:" + user.Email, action, user.Id, detail);

    public AuditNote BySystem(string tenant, string action, string target, string detail = "") => Note(tenant, System, action, target, detail);

    private AuditNote Note(string tenant, string actor, string action, string target, string detail) =>
        new(tenant, time.GetUtcNow().ToUnixTimeMilliseconds(), actor, action, target, detail);
}

/// <summary>What can have been done. Part of the public surface.</summary>
internal static class AuditActions
{
    public const string TenantCreated = "tenant.created";
    public const string TenantChanged = "tenant.changed";
    public const string KeyCreated = "key.created";
    public const string KeyChanged = "key.changed";
    public const string KeyRevoked = "key.revoked";
    public const string UserCreated = "user.created";
    public const string UserChanged = "user.changed";
    public const string UserRemoved = "user.removed";
    public const string SessionOpened = "session.opened";
    public const string SessionRefused = "session.refused";
    public const string SessionsEnded = "sessions.ended";
    public const string CustomerErased = "customer.erased";
    public const string CustomerExported = "customer.exported";

    /// <summary>The detail is the owner's address, empty for nobody.</summary>
    public const string CustomerOwner = "customer.owner";

    /// <summary>The detail names the customer who survives.</summary>
    public const string CustomerMerged = "customer.merged";

    /// <summary>The target is the version.</summary>
    public const string ProgramPublished = "program.published";
}
