namespace OrleansCrm.Engagement.Program;

/// <summary>A program document that cannot be taken; names every fault that was found.</summary>
public sealed class ProgramException(ProgramFault[] faults)
    : Exception("The program document has faults: " + string.Join("; ", faults.Select(f => f.Field + " " + f.Detail)))
{
    public IReadOnlyList<ProgramFault> Faults { get; } = faults;
}

/// <param name="Field">Path in the document, for instance <c>churn.atRisk.floor</c>.</param>
/// <param name="Detail">What is expected there.</param>
public sealed record ProgramFault(string Field, string Detail);
