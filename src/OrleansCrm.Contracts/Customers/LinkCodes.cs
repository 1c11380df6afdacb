namespace OrleansCrm.Contracts.Customers;

/// <summary>What the outcome of an event says when another customer is concerned too. An event that concerns no other has no outcome.</summary>
public static class LinkCodes
{
    /// <summary>The event names another id of its customer that has been asked to join and has not answered yet.</summary>
    public const string Linking = "linking";

    /// <summary>The event came for an id that was given away, and is on its way to the customer whose it is.</summary>
    public const string Forwarding = "forwarding";

    /// <summary>The id has joined.</summary>
    public const string Linked = "linked";

    /// <summary>The id was another customer's already: it stays his.</summary>
    public const string AlreadyLinked = "already_linked";

    /// <summary>The id was erased: it joins nobody any more.</summary>
    public const string Erased = "erased";

    /// <summary>Of a merge: one of the two is waiting for another id just now; to be tried again.</summary>
    public const string Busy = "busy";

    /// <summary>Of a merge: a customer cannot be merged into himself.</summary>
    public const string SameCustomer = "same_customer";

    /// <summary>Of a merge: the survivor has as many other ids as one may have.</summary>
    public const string TooManyIdentities = "too_many_identities";
}
