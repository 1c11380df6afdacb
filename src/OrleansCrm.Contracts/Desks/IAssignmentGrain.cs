using Orleans;
using Orleans.Concurrency;

namespace OrleansCrm.Contracts.Desks;

/// <summary>
/// Gives the alerts of one desk (key: <c>tenant/desk</c>) to its agents, and takes them back from those who are gone. Holds nothing that
/// is not in the journal but whose turn it is; what it decides is journaled as <c>alert.dispatch</c>, and the alert's customer has the last word.
/// </summary>
[Alias("crm.assignment")]
public interface IAssignmentGrain : IGrainWithStringKey
{
    /// <summary>Looks at the desk once, by these rules or by newer ones that it knows. To be called every second.</summary>
    Task AssignAsync(AssignmentRules rules);

    /// <summary>Something has happened at the desk.</summary>
    [OneWay]
    Task NudgeAsync();
}

/// <param name="Version">Of the program.</param>
/// <param name="IsRoundRobin">Whether agents follow in turn when the customer's owner cannot have it.</param>
/// <param name="Capacity">Of an agent who has none of his own.</param>
/// <param name="OfflineFor">How long an agent may be offline before what he has acted on goes to others.</param>
/// <param name="Agents">Those of whom the program says something.</param>
[GenerateSerializer, Immutable, Alias("crm.assignment-rules")]
public sealed record AssignmentRules(
    [property: Id(0)] int Version,
    [property: Id(1)] bool IsRoundRobin,
    [property: Id(2)] int Capacity,
    [property: Id(3)] TimeSpan OfflineFor,
    [property: Id(4)] DeskAgent[] Agents);

/// <param name="Agent">E-mail address, compared without case.</param>
/// <param name="Capacity">-1 for the desk's.</param>
/// <param name="IsOfDesk">Whether he is given alerts of this desk in turn.</param>
[GenerateSerializer, Immutable, Alias("crm.desk-agent")]
public sealed record DeskAgent(
    [property: Id(0)] string Agent,
    [property: Id(1)] string[] Skills,
    [property: Id(2)] int Capacity,
    [property: Id(3)] bool IsOfDesk);
