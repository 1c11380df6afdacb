using OrleansCrm.Breaking.Tests.Dangers;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Breaking.Tests.Postgres;

/// <summary>
/// PostgreSQL goes away under the living server: killed, stopped, or stopped without farewell. Senders are put off, readiness says so, and
/// everything goes on when it is back.
/// </summary>
internal sealed class LostDatabase(PostgresServer postgres, int way) : Danger
{
    private const int AwayMs = 1_000;

    public override string Name => way switch { 0 => "PostgreSQL killed", 1 => "PostgreSQL stopped", _ => "PostgreSQL stopped at once" };

    public override async Task StrikeAsync(Scene scene)
    {
        await (way switch { 0 => postgres.KillAsync(), 1 => postgres.StopAsync("fast"), _ => postgres.StopAsync("immediate") });
        await Task.Delay(scene.Random.Next(AwayMs));
        await Patience.UntilAsync("readiness says that the database is away", async () => !await scene.Server.IsReadyAsync());
        await postgres.StartAgainAsync();

        // Half of the times the server is killed before it has recovered.
        if (scene.Random.Next(2) == 0)
            return;
        await scene.Clients.UntilAcknowledgedAsync("the server goes on when the database is back");
        await Patience.UntilAsync("readiness says that the database is back", scene.Server.IsReadyAsync);
    }
}
