using System.Text.Json;

namespace OrleansCrm.Server.Alerts;

/// <summary>In which order a desk is listed. An alert with a larger key comes first; of equal ones the one with the smaller id.</summary>
internal static class AlertOrder
{
    /// <summary>As the desk keeps it: most severe, then oldest.</summary>
    public const string Severity = "severity";

    public static readonly string[] Words = [Severity, "due", "raised", "value"];

    public static long KeyOf(string order, JsonElement alert) => order switch
    {
        "due" => -Ms(alert, "dueAt"),
        "raised" => -Ms(alert, "raisedAt"),
        _ => ValueOf(alert),
    };

    private static long Ms(JsonElement alert, string name) =>
        alert.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.TryGetDateTimeOffset(out var at) ? at.ToUnixTimeMilliseconds() : 0;

    // Cents of what is expected over twelve months, which every alert gives as a reason.
    private static long ValueOf(JsonElement alert)
    {
        if (!alert.TryGetProperty("reasons", out var reasons))
            return 0;
        foreach (var reason in reasons.EnumerateArray())
        {
            if (reason.GetProperty("code").ValueEquals("revenue_at_risk"))
                return (long)Math.Round(reason.GetProperty("value").GetDouble() * 100);
        }

        return 0;
    }
}
