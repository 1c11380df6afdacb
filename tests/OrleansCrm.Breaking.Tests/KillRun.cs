using OrleansCrm.Breaking.Tests.Dangers;
using OrleansCrm.Breaking.Tests.Load;

namespace OrleansCrm.Breaking.Tests;

/// <summary>
/// Kills the real server under load, again and again, with something worse now and then, and holds what is left against what was
/// acknowledged. What is done follows from the seed; at which instant it hits the server does not.
/// </summary>
/// <param name="open">Makes the database with this number.</param>
internal sealed class KillRun(int kills, int seed, Func<int, Task<Stage>> open, Action<string> say)
{
    /// <summary>A fresh one after that many kills: verifying takes longer with every entry.</summary>
    public const int KillsPerDatabase = 50;

    private const int KillsPerDraw = 10;
    private const int MomentMs = 400;
    private const double KilledAtStart = 0.04;
    private const int MismatchesMax = 10;

    private readonly Tally _tally = new();

    public async Task<Tally> RunAsync()
    {
        say($"seed {seed}");
        while (_tally.Kills < kills && _tally.Mismatches.Count < MismatchesMax)
        {
            var before = _tally.Mismatches.Count;
            await RunDatabaseAsync(_tally.Databases++);
            say(_tally.ToString());
            foreach (var mismatch in _tally.Mismatches.Skip(before))
                say("MISMATCH " + mismatch);
        }

        return _tally;
    }

    private async Task RunDatabaseAsync(int number)
    {
        var random = new Random(unchecked(seed * 1_000_003 + number));
        var found = _tally.Mismatches.Count;
        await using var stage = await open(number);
        var ledger = new Ledger();
        await using var clients = new Clients(ledger, _tally, random.Next());
        await using var scene = new Scene(stage, ledger, clients, _tally, random);
        try
        {
            await RunAsync(scene, Math.Min(kills - _tally.Kills, KillsPerDatabase));
        }
        catch (Exception exception)
        {
            _tally.Mismatch(exception.ToString());
        }

        if (_tally.Mismatches.Count == found)
            return;
        stage.Keep();
        say($"kept {stage.Remains}");
    }

    private async Task RunAsync(Scene scene, int count)
    {
        await scene.StartServerAsync();
        await scene.Clients.PublishAsync(Ledger.Program);
        var last = _tally.Kills + count;
        Danger?[] dangers = [];
        for (var turn = 0; _tally.Kills < last; turn++)
        {
            if (turn % KillsPerDraw == 0)
                dangers = Draw(scene);
            await KillOnceAsync(scene, dangers[turn % KillsPerDraw]);
            if (_tally.Kills < last && scene.Random.NextDouble() < KilledAtStart)
                await scene.KillAtStartAsync();
            if (turn % KillsPerDraw == KillsPerDraw - 1)
                await scene.VerifyAsync("of what a kill has left");
            await scene.StartServerAsync();
            await scene.ReckonAsync();
        }

        scene.Clients.Load();
        await scene.VerifyAsync("beside the running server");
        await scene.RestoreElsewhereAsync();
        await scene.ReckonAsync(withAlertsAndOffers: true);
        await scene.StopServerAsync();
        await scene.VerifyAsync("after the end");
    }

    private static async Task KillOnceAsync(Scene scene, Danger? danger)
    {
        scene.Clients.Load();
        await scene.Clients.UntilAcknowledgedAsync("the server acknowledges");
        if (danger is not null)
        {
            scene.Tally.Danger(danger.Name);
            await danger.StrikeAsync(scene);
        }

        await Task.Delay(scene.Random.Next(MomentMs));
        await (danger?.KillAsync(scene) ?? scene.KillServerAsync());
    }

    private static Danger?[] Draw(Scene scene)
    {
        var dangers = new Danger?[KillsPerDraw];
        scene.Stage.DrawDangers(scene.Random).CopyTo(dangers, 0);
        scene.Random.Shuffle(dangers);
        return dangers;
    }
}
