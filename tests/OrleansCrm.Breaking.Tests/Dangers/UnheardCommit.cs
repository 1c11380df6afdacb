using OrleansCrm.Breaking.Tests.Load;

namespace OrleansCrm.Breaking.Tests.Dangers;

/// <summary>The last commits were never acknowledged to anybody, and the disk has them in part: they must be gone or there, each whole.</summary>
internal sealed class UnheardCommit : Danger
{
    private const int Senders = 4;
    private const int MomentMs = 12;

    public override string Name => "torn commit";

    public override async Task KillAsync(Scene scene)
    {
        await scene.Clients.SettleAsync();
        var log = new WriteAheadLog(scene.Stage.Data);
        var before = log.Measure();
        var unheard = Enumerable.Range(0, Senders).Select(_ => SendAsync(scene, new Random(scene.Random.Next()))).ToArray();
        await Task.Delay(scene.Random.Next(MomentMs));
        await scene.KillServerAsync(unheard);
        await Task.WhenAll(unheard);
        if (before is not { } acknowledged || log.Measure() is not { } extent || extent.Salts != acknowledged.Salts)
            return;
        if (extent.CommittedBytes > acknowledged.CommittedBytes)
            log.TearFrom(acknowledged.CommittedBytes, extent, scene.Random);
        else
            log.TearBehind(extent, scene.Random);
    }

    private static async Task<Outcome> SendAsync(Scene scene, Random random)
    {
        var address = new Uri(scene.Server.Address);
        Outcome outcome;
        do
            outcome = await scene.Clients.SendUnheardAsync(address, scene.Ledger.NewBatch(random));
        while (outcome != Outcome.Unanswered);
        return outcome;
    }
}
