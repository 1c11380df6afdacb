using OrleansCrm.Breaking.Tests.Load;

namespace OrleansCrm.Breaking.Tests.Dangers;

/// <summary>The disk is full: senders are put off, readiness says so, and everything goes on once there is room again.</summary>
internal sealed class FullDisk(SmallDisk disk) : Danger
{
    public override string Name => "full disk";

    public override async Task StrikeAsync(Scene scene)
    {
        disk.Fill();
        try
        {
            // The log has room of its own until it grows: heavy events take that.
            await Patience.UntilAsync("a full disk puts senders off", async () =>
                await scene.Clients.SendAsync(scene.Ledger.NewHeavyBatch()) == Outcome.PutOff);
            await Patience.UntilAsync("readiness says that the disk is full", async () => !await scene.Server.IsReadyAsync());
        }
        finally
        {
            disk.Clear();
        }

        // Half of the times it is killed before it has recovered.
        if (scene.Random.Next(2) == 0)
            return;
        await scene.Clients.UntilAcknowledgedAsync("there is room again");
        await Patience.UntilAsync("readiness says that there is room again", scene.Server.IsReadyAsync);
    }
}
