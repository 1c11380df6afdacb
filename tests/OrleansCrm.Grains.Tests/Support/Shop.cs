using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Grains.Tests.Support;

/// <summary>Entries as a storefront and agents cause them.</summary>
internal static class Shop
{
    public static string Customer(string id) =>
        CustomerKey.TryCreate("default", CustomerKind.User, id, out var key, out var error) ? key.ToString() : throw new ArgumentException(error);

    public static string Visitor(string id) =>
        CustomerKey.TryCreate("default", CustomerKind.Anonymous, id, out var key, out var error) ? key.ToString() : throw new ArgumentException(error);

    /// <summary>An event of the user in a browser that the visitor has been in.</summary>
    public static NewEntry SignIn(string user, string visitor, string messageId, DateTimeOffset at) => new(
        user, Id(user, messageId), EntryTypes.Page, at.ToUnixTimeMilliseconds(),
        JsonSerializer.SerializeToUtf8Bytes(new { type = "page", userId = CustomerKey.Parse(user).Id, anonymousId = CustomerKey.Parse(visitor).Id }));

    public static NewEntry Order(string customer, string orderId, DateTimeOffset at, decimal revenue = 50m, string? messageId = null, string import = "") =>
        Event(customer, messageId ?? "m-" + orderId, at, "Order Completed", import,
            string.Create(CultureInfo.InvariantCulture, $$"""{"order_id":"{{orderId}}","revenue":{{revenue}},"currency":"EUR"}"""));

    public static NewEntry View(string customer, string messageId, DateTimeOffset at) =>
        Event(customer, messageId, at, "Product Viewed", "", """{"product_id":"p1"}""");

    public static NewEntry Unfoldable(string customer, string messageId, DateTimeOffset at) =>
        new(customer, Id(customer, messageId), "no.such.type", at.ToUnixTimeMilliseconds(), "{}"u8.ToArray());

    public static NewEntry Claim(string alertId, string agent) => Command(EntryTypes.AlertClaim, alertId, agent);

    public static NewEntry Resolve(string alertId, string agent) => Command(EntryTypes.AlertResolve, alertId, agent);

    public static NewEntry Import(string type, string name, string tenant = "default") =>
        new("", Guid.NewGuid(), type, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes($$"""{"import":"{{name}}","tenant":"{{tenant}}"}"""));

    public static Guid Id(string customer, string messageId)
    {
        Span<byte> scratch = stackalloc byte[512];
        return StableHash.Start(scratch).Add("default").Add("test").Add(customer).Add(messageId).FinishGuid();
    }

    private static NewEntry Event(string customer, string messageId, DateTimeOffset at, string name, string import, string properties)
    {
        var context = import.Length == 0 ? "{}" : $$"""{"import":"{{import}}"}""";
        var time = at.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var json = $$"""
            {"type":"track","event":"{{name}}","userId":"{{CustomerKey.Parse(customer).Id}}","messageId":"{{messageId}}","timestamp":"{{time}}","properties":{{properties}},"context":{{context}}}
            """;
        return new NewEntry(customer, Id(customer, messageId), EntryTypes.Track, at.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(json));
    }

    private static NewEntry Command(string type, string alertId, string agent) =>
        new("default/", Guid.NewGuid(), type, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["alert"] = alertId, ["agent"] = agent, ["role"] = "agent", ["outcome"] = "contacted", ["note"] = "" }));
}
