using OrleansCrm.TestSupport;
using Xunit.Abstractions;

namespace OrleansCrm.Breaking.Tests.Postgres;

/// <summary>The same on PostgreSQL, which itself goes away now and then.</summary>
[Trait("Needs", "postgres")]
public sealed class PostgresKillTests(ITestOutputHelper output)
{
    [NeedsFact("postgres")]
    public async Task Whatever_was_acknowledged_counts_once_whenever_server_or_database_is_killed()
    {
        using var log = new RunLog("postgres", output);
        await using var postgres = await PostgresServer.StartAsync();
        var run = new KillRun(Setting.Kills, Setting.Seed, _ => PostgresStage.OpenAsync(postgres), log.Say);

        Setting.Judge(await run.RunAsync());
    }
}
