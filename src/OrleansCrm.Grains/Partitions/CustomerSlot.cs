using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Grains.Partitions;

/// <summary>What the partition knows of a customer that is in memory or whose newest entries no snapshot covers yet.</summary>
/// <remarks>
/// It lives long, so nothing that comes and goes with an entry is pointed to from here, but named by its place: each collection of garbage
/// would look through every customer who was in the shop since the last.
/// </remarks>
internal sealed class CustomerSlot(string customer)
{
    private RenderedProfile? _profile;

    public string Customer { get; } = customer;

    /// <summary>Null while nobody has called it: a reference to an activation that has gone keeps it in memory.</summary>
    public ICustomerGrain? Grain { get; set; }

    /// <summary>Where the state stands when it is up to date; -1 before its first entry.</summary>
    public long StandsAt { get; set; } = -1;

    /// <summary>The newest entry that has been folded or found to be at fault.</summary>
    public long Judged { get; set; } = -1;

    /// <summary>The newest entry that the stored snapshot covers; -1 when there is none.</summary>
    public long Covered { get; set; } = -1;

    /// <summary>The packed state, which the grain is given with its next entries (empty: a new state); null when the grain has a state.</summary>
    public byte[]? Snapshot { get; set; }

    /// <summary>The same as it is stored, made anew each time.</summary>
    public byte[]? State => Snapshot is null ? null : PackedSnapshot.Unpack(Snapshot);

    /// <summary>Own entries that no snapshot covers and none is being written for, among the partition's <see cref="EntryMarks"/>.</summary>
    public MarkChain Uncovered;

    /// <summary>Own entries that the snapshot being written will cover.</summary>
    public MarkChain BeingCovered;

    /// <summary>Erased or about to be: whatever comes for it is refused.</summary>
    public bool IsErased { get; set; }

    /// <summary>When it became dirty, or joined the list it rests in; a monotonic timestamp.</summary>
    public long Since { get; set; }

    /// <summary>Waits for a snapshot, or one is being written.</summary>
    public bool IsQueued { get; set; }

    /// <summary>The offset it joined the queue of dirty customers with.</summary>
    public long QueuedOffset { get; set; }

    /// <summary>Unix milliseconds; 0 for never.</summary>
    public long NextWakeMs { get; set; }

    public string Import { get; set; } = "";

    /// <summary>Monotonic timestamp of the newest entry that came in, for wakes that wait for a quiet customer.</summary>
    public long LastEntry { get; set; }

    /// <summary>Stands among the customers to be woken soon.</summary>
    public bool IsArmed { get; set; }

    /// <summary>The profile as it was last rendered; null when an entry has come since. Setting it takes the old one off its shelf.</summary>
    public RenderedProfile? Profile
    {
        get => _profile;
        set
        {
            _profile?.Shelf.Remove(_profile);
            _profile = value;
        }
    }

    /// <summary>Stands in the queue of those whose profile is kept, once.</summary>
    public bool IsRendered { get; set; }

    /// <summary>The list in which it rests, with its neighbours there; null while it is dirty.</summary>
    public RestingList? List { get; set; }

    public CustomerSlot? Before { get; set; }

    public CustomerSlot? After { get; set; }

    /// <summary>Place of its first entry in the batch that is being applied, whose <see cref="EntryTicket.NextOfCustomer"/> names the next; -1 for none.</summary>
    public int FirstTicket { get; set; } = -1;

    public int LastTicket { get; set; } = -1;

    /// <summary>
    /// Something is to be stored. What concerns everybody is nothing by itself to one who has no entry in the journal and no row: a place that was
    /// only opened for a decision which nobody has seen.
    /// </summary>
    public bool IsDirty => !Uncovered.IsEmpty || (Covered >= 0 && StandsAt > Covered);
}
