namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// What a process has learned about a tenant's offers and products: an immutable snapshot. The fold never reads it; a decision notes what
/// it took from it.
/// </summary>
public sealed class DecisionTables(long version)
{
    /// <summary>Of a process that has learned nothing yet.</summary>
    public static readonly DecisionTables Empty = new(0);

    /// <summary>Counts the snapshots of this process.</summary>
    public long Version => version;
}
