using Npgsql;
using OrleansCrm.Breaking.Tests.Dangers;
using OrleansCrm.Breaking.Tests.Load;

namespace OrleansCrm.Breaking.Tests.Postgres;

/// <summary>
/// The server stands still for so long that it loses its sessions, and another one takes over. When it wakes up it still believes that the
/// database is its own: nothing that it is sent may be acknowledged, and it has to end.
/// </summary>
internal sealed class PausedOwner(string connection) : Danger
{
    private const int Batches = 20;

    public override string Name => "paused owner fenced";

    public override async Task StrikeAsync(Scene scene)
    {
        await Task.Delay(scene.Random.Next(200));
        scene.Server.Pause();
        await EndSessionsAsync();
        await using var old = await scene.ReplaceServerAsync();
        await scene.Clients.UntilAcknowledgedAsync("the new owner acknowledges");

        old.Resume();
        var address = new Uri(old.Address);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Batches)
            .Select(_ => scene.Clients.SendUnheardAsync(address, scene.Ledger.NewBatch(scene.Random))));
        var acknowledged = outcomes.Count(o => o == Outcome.Acknowledged);
        if (acknowledged > 0)
            scene.Tally.Mismatch($"a server that had lost its database acknowledged {acknowledged} batches");
        await old.WhenEndedAsync();
    }

    private async Task EndSessionsAsync()
    {
        await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
        await using var end = source.CreateCommand(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await end.ExecuteScalarAsync();
    }
}
