using System.Text.Json;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Grains.Desks;

/// <summary>What assignment has to know of an alert.</summary>
/// <param name="IsGiven">Whether the server gave it to the agent who has it.</param>
/// <param name="IsActedOn">False while it can still be taken back for not having been acted on.</param>
internal sealed record AssignableAlert(
    string Id,
    long Revision,
    string Desk,
    string Status,
    int Severity,
    string RaisedAt,
    string Owner,
    string Agent,
    bool IsGiven,
    bool IsActedOn,
    string[] Skills,
    string[] PassedBy) : IComparable<AssignableAlert>
{
    public bool IsOpen => Status == "open" && Agent.Length == 0;

    public bool IsClaimed => Status == "claimed";

    public bool IsUnfinished => Status is "open" or "claimed" or "snoozed";

    public static AssignableAlert Read(ReadOnlyMemory<byte> utf8)
    {
        using var parsed = JsonDocument.Parse(utf8);
        var json = parsed.RootElement;
        return new AssignableAlert(
            Text(json, "id"),
            json.TryGetProperty("revision", out var revision) ? revision.GetInt64() : long.MaxValue,
            Text(json, "desk"),
            Text(json, "status"),
            AlertRenderer.Severities.IndexOf(Text(json, "severity")),
            Text(json, "raisedAt"),
            Text(json, "owner"),
            Text(json, "claimedBy"),
            Text(json, "givenAt").Length > 0,
            Text(json, "actBy").Length == 0,
            Texts(json, "skills"),
            Texts(json, "passedBy"));
    }

    public bool WasPassedBy(string agent) => PassedBy.Contains(agent, StringComparer.OrdinalIgnoreCase);

    /// <summary>More severe first, then older.</summary>
    public int CompareTo(AssignableAlert? other)
    {
        if (other is null)
            return -1;
        var order = other.Severity.CompareTo(Severity);
        order = order != 0 ? order : string.CompareOrdinal(RaisedAt, other.RaisedAt);
        return order != 0 ? order : string.CompareOrdinal(Id, other.Id);
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString()! : "";

    private static string[] Texts(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Array && found.GetArrayLength() > 0
            ? [.. found.EnumerateArray().Select(item => item.GetString()!)]
            : [];
}

/// <summary>One alert becomes another agent's.</summary>
/// <param name="From">Empty for nobody.</param>
/// <param name="To">Empty: it goes back to the desk.</param>
internal sealed record Dispatch(string Alert, string From, string To, string Why);

/// <param name="GoneFor">How long an agent has not been seen.</param>
internal sealed record DeskMoment(AssignmentRules Rules, AgentStatus[] Present, Func<string, TimeSpan> GoneFor, TimeSpan PresenceLease);
