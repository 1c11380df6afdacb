namespace OrleansCrm.Server.Benchmarks;

/// <summary>One line of the ladder. Measured in two stretches, so that what it is compared with can be measured in between.</summary>
internal abstract class Rung(string name, string variant, string unit)
{
    /// <summary>The step of the ladder, as in <see cref="BenchOptions.RungsAll"/>.</summary>
    public string Name => name;

    /// <summary>Which of the ways to measure this step.</summary>
    public string Variant => variant;

    /// <summary>What is counted.</summary>
    public string Unit => unit;

    public abstract Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation);

    /// <summary>The same with the processor time and allocations of this process around it.</summary>
    protected static async Task<Slice> AroundAsync(Func<Task<Slice>> measure)
    {
        var before = ResourceUse.Now();
        var slice = await measure();
        return slice with { Used = ResourceUse.Now() - before };
    }
}
