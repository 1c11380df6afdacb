using OrleansCrm.Breaking.Tests.Load;

namespace OrleansCrm.Breaking.Tests;

/// <summary>A harness that finds nothing proves something only if it finds this.</summary>
public sealed class HarnessTests
{
    private const int AttemptsMax = 5;

    [Fact]
    public async Task Acknowledged_commits_that_are_lost_are_noticed()
    {
        var tally = new Tally();
        await using var stage = await SqliteStage.OpenAsync(small: false);
        var ledger = new Ledger();
        await using var clients = new Clients(ledger, tally, seed: 1);
        await using var scene = new Scene(stage, ledger, clients, tally, new Random(1));
        var log = new WriteAheadLog(stage.Data);
        await scene.StartServerAsync();

        // The log may begin anew in between, then there is nothing to cut.
        for (var attempt = 0; tally.Mismatches.Count == 0 && attempt < AttemptsMax; attempt++)
        {
            await scene.ReckonAsync();
            Assert.Empty(tally.Mismatches);
            var before = log.Measure()!.Value;
            clients.Load();
            await clients.UntilAcknowledgedAsync("the server acknowledges");
            await clients.SettleAsync();
            await scene.KillServerAsync();
            if (log.Measure()!.Value.Salts == before.Salts)
                log.CutBehind(before);
            await scene.StartServerAsync();
            await scene.ReckonAsync();
        }

        Assert.NotEmpty(tally.Mismatches);
    }

    [Fact]
    public async Task Events_that_count_twice_are_noticed()
    {
        var tally = new Tally();
        await using var stage = await SqliteStage.OpenAsync(small: false);
        var ledger = new Ledger();
        await using var clients = new Clients(ledger, tally, seed: 2);
        await using var scene = new Scene(stage, ledger, clients, tally, new Random(2));
        await scene.StartServerAsync();
        var batch = ledger.NewBatch(scene.Random);
        Assert.Equal(Outcome.Acknowledged, await clients.SendAsync(batch));
        await scene.ReckonAsync();
        Assert.Empty(tally.Mismatches);

        var again = batch with { Body = batch.Body.Replace("\"messageId\":\"m", "\"messageId\":\"again", StringComparison.Ordinal), IsAcknowledged = false };
        Assert.Equal(Outcome.Acknowledged, await clients.SendAsync(again));
        await scene.ReckonAsync();

        Assert.NotEmpty(tally.Mismatches);
    }
}
