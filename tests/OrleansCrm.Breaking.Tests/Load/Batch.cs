namespace OrleansCrm.Breaking.Tests.Load;

/// <summary>One request's body, to be sent until it is acknowledged, and sometimes again after that.</summary>
/// <param name="Events">How many are in it.</param>
internal sealed record Batch(string Body, int Events)
{
    public bool IsAcknowledged { get; set; }
}

/// <summary>What came of one sending.</summary>
internal enum Outcome
{
    /// <summary>The server said that everything in it is durable and applied.</summary>
    Acknowledged,

    /// <summary>The server said that it cannot at the moment.</summary>
    PutOff,

    /// <summary>Nobody said anything.</summary>
    Unanswered,
}
