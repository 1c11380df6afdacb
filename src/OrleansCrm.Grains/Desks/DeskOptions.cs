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

    /// <summary>Unfinished alerts of a fresh list.</summary>
    [Range(1, 10_000)]
    public int AlertsMax { get; set; } = 500;

    /// <summary>An observer that has not renewed for this long is dropped: its process is gone.</summary>
    public TimeSpan ObserverLease { get; set; } = TimeSpan.FromSeconds(10);
}
