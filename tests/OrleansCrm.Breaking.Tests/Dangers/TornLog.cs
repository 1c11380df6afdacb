namespace OrleansCrm.Breaking.Tests.Dangers;

/// <summary>The kill cuts a write of the log off in its midst: behind the last commit lies part of a frame, or one that only looks good.</summary>
internal sealed class TornLog : Danger
{
    public override string Name => "torn log";

    public override async Task KillAsync(Scene scene)
    {
        await scene.KillServerAsync();
        var log = new WriteAheadLog(scene.Stage.Data);
        if (log.Measure() is { } extent)
            log.TearBehind(extent, scene.Random);
    }
}
