using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Server.WhatIf;

/// <summary>What is to be played, and under which rules.</summary>
/// <param name="FromMs">The candidate is in force from this instant on; 0 from the first event.</param>
/// <param name="ToMs">What happens later is not looked at. Never in the future.</param>
/// <param name="Share">Of the customers, above 0 up to 1: those that a hash of their key chooses, the same each time.</param>
internal sealed record WhatIfRequest(string Tenant, ProgramDocument Candidate, long FromMs, long ToMs, double Share)
{
    /// <summary>Customers who are in memory at once, twice each: some hundred megabytes. More are played one share after the other.</summary>
    public const int CustomersAtOnceMax = 50_000;
}
