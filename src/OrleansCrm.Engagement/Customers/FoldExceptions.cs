namespace OrleansCrm.Engagement.Customers;

/// <summary>An entry that this fold does not know: written by a newer server, or by a mistake of ours.</summary>
public sealed class UnknownEntryTypeException(string type) : Exception($"The fold does not know entries of type '{type}'.")
{
    public string Type { get; } = type;
}

/// <summary>An entry that would take the state beyond its bounds.</summary>
public sealed class StateBoundException(string bound) : Exception($"The customer's state is full: {bound}.");

/// <summary>A snapshot that this build cannot read.</summary>
public sealed class SnapshotVersionException(string message) : Exception(message);
