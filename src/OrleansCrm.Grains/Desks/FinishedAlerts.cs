using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Desks;

/// <summary>Finds among changes those by which an alert is over. One that has moved goes on elsewhere, of an erased customer's nothing is kept.</summary>
internal static class FinishedAlerts
{
    private const string Moved = "moved";

    public static FinishedAlert[] Of(Outgoing[] changes, string desk) =>
        [.. changes.Where(c => c.IsFinished).Select(c => Read(c.Alert)).OfType<FinishedAlert>().Where(a => a.Desk == desk)];

    private static FinishedAlert? Read(byte[] utf8)
    {
        using var parsed = JsonDocument.Parse(utf8);
        var json = parsed.RootElement;
        var (status, outcome, finishedMs) = (Text(json, "status"), Text(json, "outcome"), Ms(json, "finishedAt"));
        if (status is not ("resolved" or "withdrawn") || outcome == Moved || finishedMs == 0)
            return null;
        var isResolved = status == "resolved";
        return new FinishedAlert(
            Text(json, "id"), Text(json, "desk"), Text(json, "kind"), Text(json, "severity"), isResolved, outcome, isResolved ? Text(json, "claimedBy") : "",
            Ms(json, "recordedAt"), Ms(json, "takenAt"), Ms(json, "dueAt"), finishedMs);
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString()! : "";

    private static long Ms(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.TryGetDateTimeOffset(out var at) ? at.ToUnixTimeMilliseconds() : 0;
}
