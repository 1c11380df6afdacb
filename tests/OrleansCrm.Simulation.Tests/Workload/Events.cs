using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;

namespace OrleansCrm.Simulation.Tests.Workload;

/// <summary>Entries as storefronts and agents cause them.</summary>
internal static class Events
{
    public static string Customer(string tenant, string id) =>
        CustomerKey.TryCreate(tenant, CustomerKind.User, id, out var key, out var error) ? key.ToString() : throw new ArgumentException(error);

    public static string Visitor(string tenant, string id) =>
        CustomerKey.TryCreate(tenant, CustomerKind.Anonymous, id, out var key, out var error) ? key.ToString() : throw new ArgumentException(error);

    public static string TenantOf(string customer) => customer[..customer.IndexOf('/')];

    /// <param name="visitor">Not empty: the key of a visitor who is the same person.</param>
    public static NewEntry Track(
        string customer, string messageId, DateTimeOffset at, string name, string properties, string import, string visitor = "")
    {
        var key = CustomerKey.Parse(customer);
        var ids = key.Kind == CustomerKind.User ? $"\"userId\":\"{key.Id}\"" : $"\"anonymousId\":\"{key.Id}\"";
        if (visitor.Length > 0)
            ids += $",\"anonymousId\":\"{CustomerKey.Parse(visitor).Id}\"";
        var context = import.Length == 0 ? "{}" : $$"""{"import":"{{import}}"}""";
        var time = at.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        var json = $$"""
            {"type":"track","event":"{{name}}",{{ids}},"messageId":"{{messageId}}","timestamp":"{{time}}","properties":{{properties}},"context":{{context}}}
            """;
        return new NewEntry(customer, Id(customer, messageId), EntryTypes.Track, at.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes(json));
    }

    public static NewEntry Unfoldable(string customer, string messageId, DateTimeOffset at) =>
        new(customer, Id(customer, messageId), "no.such.type", at.ToUnixTimeMilliseconds(), "{}"u8.ToArray());

    public static NewEntry Command(string type, string tenant, string alert, string agent, Guid id, DateTimeOffset at) =>
        new(tenant + "/", id, type, at.ToUnixTimeMilliseconds(), JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string>
        {
            ["alert"] = alert, ["agent"] = agent, ["role"] = "agent", ["outcome"] = "contacted", ["note"] = "",
        }));

    public static NewEntry Merge(string survivor, string other, Guid id, DateTimeOffset at) => new(
        survivor, id, EntryTypes.IdentityMerge, at.ToUnixTimeMilliseconds(),
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["from"] = "admin", ["of"] = other[(other.IndexOf('/') + 1)..] }));

    public static NewEntry Import(string type, string name, Guid id, DateTimeOffset at) =>
        new("", id, type, at.ToUnixTimeMilliseconds(), Encoding.UTF8.GetBytes($$"""{"import":"{{name}}","tenant":"default"}"""));

    public static Guid Id(string customer, string messageId)
    {
        Span<byte> scratch = stackalloc byte[512];
        return StableHash.Start(scratch).Add("simulation").Add(customer).Add(messageId).FinishGuid();
    }
}
