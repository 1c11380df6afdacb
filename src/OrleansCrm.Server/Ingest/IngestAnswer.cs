namespace OrleansCrm.Server.Ingest;

internal enum IngestStatus
{
    Unknown = 0,

    /// <summary>What was accepted is durable and applied.</summary>
    Done = 1,

    /// <summary>Some of it may be; sent again later, what is counts as a duplicate.</summary>
    Overloaded = 2,

    /// <summary>As for overload, but it is the engine that is away.</summary>
    Unavailable = 3,

    /// <summary>A malformed item in a batch that was to be taken whole: nothing was journaled.</summary>
    Refused = 4,

    /// <summary>Nothing was journaled: the sender is to come later; <see cref="IngestAnswer.Limit"/> says why.</summary>
    Limited = 5,
}

/// <param name="Rejected">In the order of the batch.</param>
internal sealed record IngestAnswer(IngestStatus Status, int Accepted, int Duplicate, IReadOnlyList<Rejection> Rejected, int RetryAfterSeconds)
{
    /// <summary>The limit that was met; empty for none.</summary>
    public string Limit { get; init; } = "";

    /// <summary>Refused items beyond those that are named.</summary>
    public int RejectedMore { get; init; }

    /// <summary>Accepted items whose effect on a second customer, whose id they name or came for, was still on its way.</summary>
    public int Linking { get; init; }

    /// <summary>Accepted items that name an id which is another customer's already: the id stays his.</summary>
    public IReadOnlyList<Rejection> Unlinked { get; init; } = [];

    /// <summary>Events that were taken although the tracking plan does not fit them.</summary>
    public int Warnings { get; init; }
}
