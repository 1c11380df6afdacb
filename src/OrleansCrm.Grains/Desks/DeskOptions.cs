using System.ComponentModel.DataAnnotations;

namespace OrleansCrm.Grains.Desks;

/// <summary>The bounds of a desk.</summary>
public sealed class DeskOptions
{
    /// <summary>Changes that are kept for clients that come back. At least half of them are there at any time.</summary>
    [Range(1_000, 10_000_000)]
    public int ChangesKeptMax { get; set; } = 40_000;

    /// <summary>Longest absence, in changes, after which a client still gets the changes; beyond it a fresh list is smaller.</summary>
    [Range(1, 1_000_000)]
    public int ResumeChangesMax { get; set; } = 10_000;

    /// <summary>How long reports know of an alert that is over. Default 400 days: this year beside the last.</summary>
    public TimeSpan FinishedKeptFor { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Unfinished alerts of a fresh list.</summary>
    [Range(1, 10_000)]
    public int AlertsMax { get; set; } = 500;

    /// <summary>
    /// Unfinished alerts of one desk that assignment keeps in mind, the most severe when there are more; each takes about half a kilobyte.
    /// </summary>
    [Range(100, 1_000_000)]
    public int AssignableAlertsMax { get; set; } = 20_000;

    /// <summary>Alerts that are given or taken back at once: a storm must not fill a partition's queue.</summary>
    [Range(1, 1_000)]
    public int DispatchesMax { get; set; } = 64;

    /// <summary>
    /// How long nobody has seen an agent whose alerts are taken from him; 0 to 10 minutes. Default 15 s: after a restart everybody is back in less.
    /// </summary>
    public TimeSpan PresenceLease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>An observer that has not renewed for this long is dropped: its process is gone.</summary>
    public TimeSpan ObserverLease { get; set; } = TimeSpan.FromSeconds(10);
}
