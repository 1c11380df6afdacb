using Xunit.Abstractions;

namespace OrleansCrm.Breaking.Tests;

/// <summary>The program as it is built, on SQLite. What was acknowledged counts once, and so does what was not and comes again.</summary>
public sealed class SqliteKillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_was_acknowledged_counts_once_whenever_the_server_is_killed()
    {
        // Every other database is on a disk that can be filled; the first one of a short run has to be.
        using var log = new RunLog("sqlite", output);
        var run = new KillRun(Setting.Kills, Setting.Seed, number => SqliteStage.OpenAsync(small: number % 2 == 0), log.Say);

        Setting.Judge(await run.RunAsync());
    }
}
