using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>From the sending of an event to its alert on an agent's client, one after the other.</summary>
internal sealed class AlertRung(BenchStage stage) : HttpRung("g", "event to alert on a hub client", "alerts", stage)
{
    private bool _isWarm;

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var engine = await Stage.EngineAsync(cancellation);
        var spec = new LoadSpec(
            LoadKind.Alert, BenchStage.PortOf(engine), Stage.WriteKey, await Stage.SignInAsync(engine, cancellation), 1, 1, 0, false, 0, 0, 0);
        if (!_isWarm)
            await Stage.Load().RunAsync(spec with { Seconds = Math.Min(1, duration.TotalSeconds), Run = Stage.NextRun() }, cancellation);
        _isWarm = true;
        return await LoadAsync(spec with { Seconds = duration.TotalSeconds, Run = Stage.NextRun() }, cancellation);
    }
}
