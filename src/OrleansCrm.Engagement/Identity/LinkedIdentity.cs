namespace OrleansCrm.Engagement.Identity;

/// <summary>Numbers are stored: they may only grow.</summary>
public enum LinkStatus : byte
{
    Unknown = 0,

    /// <summary>Asked for; the other id has not answered yet.</summary>
    Pending = 1,

    /// <summary>It is this customer's, with everything that was known under it.</summary>
    Linked = 2,

    /// <summary>It was another customer's already.</summary>
    Refused = 3,
}

/// <summary>What a customer remembers of another id that was named as the same person's.</summary>
/// <param name="id">With its kind, as <c>anonymous:id</c>.</param>
public sealed class LinkedIdentity(string id)
{
    public string Id { get; } = id;

    public LinkStatus Status { get; internal set; }

    /// <summary>Points that came with it.</summary>
    public long Points { get; internal set; }

    /// <summary>Where the newest that it has sent stands at the sender: what is not newer has been taken already.</summary>
    internal int Partition { get; set; } = -1;

    internal long Offset { get; set; } = -1;

    internal int Index { get; set; } = -1;

    /// <summary>Notes the place; false when it has been met or passed before.</summary>
    internal bool TryAdvance(in SenderPlace place)
    {
        if ((place.Offset, place.Index).CompareTo((Offset, Index)) <= 0)
            return false;
        (Partition, Offset, Index) = (place.Partition, place.Offset, place.Index);
        return true;
    }
}

/// <summary>The outcome of a sender's entry that an entry of the receiver came from.</summary>
internal readonly record struct SenderPlace(int Partition, long Offset, int Index);
