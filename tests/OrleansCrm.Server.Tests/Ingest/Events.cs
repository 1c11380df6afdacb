using System.Globalization;
using System.Text.Json;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>Event objects as clients send them.</summary>
internal static class Events
{
    /// <summary>A customer that no other test uses.</summary>
    public static string NewCustomer() => "c-" + Guid.NewGuid().ToString("N")[..12];

    public static string Track(string user, string? messageId = null, string name = "Product Viewed", string? timestamp = null) =>
        JsonSerializer.Serialize(Without(new Dictionary<string, object?>
        {
            ["type"] = "track",
            ["userId"] = user,
            ["event"] = name,
            ["messageId"] = messageId,
            ["timestamp"] = timestamp,
        }));

    public static string Order(string user, string orderId, decimal revenue, string? messageId = null, DateTimeOffset? at = null) =>
        JsonSerializer.Serialize(Without(new Dictionary<string, object?>
        {
            ["type"] = "track",
            ["userId"] = user,
            ["event"] = "Order Completed",
            ["messageId"] = messageId ?? orderId,
            ["timestamp"] = at?.ToString("o", CultureInfo.InvariantCulture),
            ["properties"] = new { order_id = orderId, revenue, currency = "EUR" },
        }));

    /// <summary>Ten weekly orders and then eight weeks of silence: at risk, not yet lost.</summary>
    public static string[] SilentCustomer(string user)
    {
        var last = DateTimeOffset.UtcNow.AddDays(-57);
        return [.. Enumerable.Range(0, 10).Select(i => Order(user, $"{user}-{i}", 50, at: last.AddDays(-7 * (9 - i))))];
    }

    private static Dictionary<string, object?> Without(Dictionary<string, object?> fields) =>
        fields.Where(f => f.Value is not null).ToDictionary(f => f.Key, f => f.Value);
}
