namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// Where a customer stands. Attention: seen. Orientation: looked at products or signed up. Purchase: bought once. Bonding: delivered,
/// bought again, or some time has passed. Loyalty: bought on several days. Advocacy: bonded, and has praised. Recapture: about to leave. Lost: left. An order brings
/// those two back to the phase that the orders give. Numbers are stored: they may only grow.
/// </summary>
public enum Phase : byte
{
    /// <summary>No event yet.</summary>
    None = 0,
    Attention = 1,
    Orientation = 2,
    Purchase = 3,
    Bonding = 4,
    Loyalty = 5,
    Advocacy = 6,
    Recapture = 7,
    Lost = 8,
}

internal static class PhaseWords
{
    public static string Of(Phase phase) => phase switch
    {
        Phase.Attention => "attention",
        Phase.Orientation => "orientation",
        Phase.Purchase => "purchase",
        Phase.Bonding => "bonding",
        Phase.Loyalty => "loyalty",
        Phase.Advocacy => "advocacy",
        Phase.Recapture => "recapture",
        Phase.Lost => "lost",
        _ => "",
    };
}
