namespace OrleansCrm.Journal.Tests;

/// <summary>What the conformance suite calls its tests; the journal of the simulation needs no program to be installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ConformanceFactAttribute : FactAttribute;
