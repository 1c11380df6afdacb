namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Customers that are stored, longest at rest first. A million of them rest, so the links stand in the slots; a slot is in one list at most.
/// </summary>
internal sealed class RestingList
{
    private CustomerSlot? _last;

    public CustomerSlot? First { get; private set; }

    /// <summary>Puts it at the end, out of whatever list it is in.</summary>
    public void Add(CustomerSlot slot, long now)
    {
        Remove(slot);
        (slot.List, slot.Since, slot.Before) = (this, now, _last);
        if (_last is null)
            First = slot;
        else
            _last.After = slot;
        _last = slot;
    }

    /// <summary>Takes it out of the list it is in, if any.</summary>
    public static void Remove(CustomerSlot slot)
    {
        if (slot.List is not { } list)
            return;
        if (slot.Before is null)
            list.First = slot.After;
        else
            slot.Before.After = slot.After;
        if (slot.After is null)
            list._last = slot.Before;
        else
            slot.After.Before = slot.Before;
        (slot.List, slot.Before, slot.After) = (null, null, null);
    }
}
