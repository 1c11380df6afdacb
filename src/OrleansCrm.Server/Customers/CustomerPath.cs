using Microsoft.AspNetCore.Http.Features;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Server.Customers;

/// <summary>Whom a path means.</summary>
internal static class CustomerPath
{
    private const string UserPrefix = "user:";
    private const string AnonymousPrefix = "anonymous:";

    // /v1/customers/{id}: the segments of a path are counted from the slash in front.
    private const int IdSegment = 3;

    /// <summary>The keys to try, in order; none with the reason when the id cannot be one.</summary>
    public static CustomerKey[] KeysOf(HttpContext context, string tenant, string routeId, out string error)
    {
        return KeysOf(tenant, RawId(context) ?? routeId, out error);
    }

    /// <summary>The same for an id that stands elsewhere than in the path.</summary>
    public static CustomerKey[] KeysOf(string tenant, string id, out string error)
    {
        if (id.StartsWith(UserPrefix, StringComparison.Ordinal))
            return One(tenant, CustomerKind.User, id[UserPrefix.Length..], out error);
        if (id.StartsWith(AnonymousPrefix, StringComparison.Ordinal))
            return One(tenant, CustomerKind.Anonymous, id[AnonymousPrefix.Length..], out error);
        return CustomerKey.TryCreate(tenant, CustomerKind.User, id, out var user, out error)
            && CustomerKey.TryCreate(tenant, CustomerKind.Anonymous, id, out var anonymous, out error) ? [user, anonymous] : [];
    }

    // The server decodes the path but leaves %2F alone, so that in what it hands on "%2F" can stand for a slash or for itself. Only the
    // target as it was sent tells.
    private static string? RawId(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (target is null || !target.StartsWith('/') || !target.Contains('%'))
            return null;
        var path = target.AsSpan();
        var query = path.IndexOf('?');
        if (query >= 0)
            path = path[..query];
        var segment = 0;
        foreach (var range in path.Split('/'))
        {
            if (segment++ == IdSegment)
                return Uri.UnescapeDataString(path[range].ToString());
        }

        return null;
    }

    private static CustomerKey[] One(string tenant, CustomerKind kind, string id, out string error) =>
        CustomerKey.TryCreate(tenant, kind, id, out var key, out error) ? [key] : [];
}
