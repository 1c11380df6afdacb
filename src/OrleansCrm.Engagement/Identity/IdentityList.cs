using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>Under which keys a person's entries stand: the customer's own and those of the ids that were linked, which keep theirs.</summary>
public static class IdentityList
{
    /// <summary>Canonical keys as a JSON list, the customer's own first.</summary>
    public static byte[] Render(CustomerState state) => JsonSerializer.SerializeToUtf8Bytes<string[]>(
        [state.Key, .. state.Identities.Where(i => i.Status == LinkStatus.Linked).Select(i => string.Concat(state.Tenant, "/", i.Id))]);

    /// <summary>Reads what <see cref="Render"/> wrote.</summary>
    public static string[] Read(ReadOnlySpan<byte> keys) => JsonSerializer.Deserialize<string[]>(keys) ?? [];
}
