using System.Text.Json;

namespace OrleansCrm.Contracts.Partitions;

/// <summary>What an import is called within the installation: <c>tenant/name</c>. Two tenants may use one name for two histories.</summary>
public static class ImportName
{
    public static string Of(string tenant, string name) => string.Concat(tenant, "/", name);

    /// <summary>The import that a customer's events name; empty when they name none.</summary>
    /// <param name="customer">Canonical key, which starts with the tenant.</param>
    public static string OfCustomer(string customer, string name) =>
        name.Length == 0 ? "" : string.Concat(customer.AsSpan(0, customer.IndexOf('/') + 1), name);

    /// <summary>Takes apart what <see cref="Of"/> has put together.</summary>
    public static (string Tenant, string Name) Split(string import)
    {
        var slash = import.IndexOf('/');
        return (import[..slash], import[(slash + 1)..]);
    }

    /// <summary>Payload of an entry that says no more of an import than which one it is.</summary>
    public static byte[] ToPayload(string import)
    {
        var (tenant, name) = Split(import);
        return JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["import"] = name, ["tenant"] = tenant });
    }
}
