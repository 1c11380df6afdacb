namespace OrleansCrm.Contracts.Customers;

/// <summary>Whether an id was given by the shop (known) or by a browser (not yet known). Numbers are stored: they may only grow.</summary>
public enum CustomerKind : byte
{
    Unknown = 0,
    User = 1,
    Anonymous = 2,

    /// <summary>The tombstone of a customer that was erased; never asked for by an id.</summary>
    Erased = 3,

    // What can run out; nobody, and never asked for by an id. See OrleansCrm.Engagement.Reserves.
    Coupon = 4,
    Budget = 5,
    Slice = 6,
}
