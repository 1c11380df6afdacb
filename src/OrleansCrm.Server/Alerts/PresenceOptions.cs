namespace OrleansCrm.Server.Alerts;

/// <summary>How soon agents hear of each other.</summary>
internal sealed class PresenceOptions
{
    /// <summary>How long an agent without a connection still counts as there. Default 5 s: a page is loaded again in less. Range 0 to 10 minutes.</summary>
    public TimeSpan OfflineAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Shortest time between two messages about presence. Default 250 ms: a restart brings hundreds back at once. Range 10 ms to 10 s.</summary>
    public TimeSpan MessagesEvery { get; set; } = TimeSpan.FromMilliseconds(250);

    public string? FindFault() => this switch
    {
        { OfflineAfter: var t } when t < TimeSpan.Zero || t > TimeSpan.FromMinutes(10) => "Presence:OfflineAfter takes 0 to 10 minutes",
        { MessagesEvery: var t } when t < TimeSpan.FromMilliseconds(10) || t > TimeSpan.FromSeconds(10) => "Presence:MessagesEvery takes 10 ms to 10 s",
        _ => null,
    };
}
