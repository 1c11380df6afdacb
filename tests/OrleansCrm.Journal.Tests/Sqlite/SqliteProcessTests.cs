using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Tests.Sqlite;

/// <summary>Two processes and one data directory. The other process is <c>Program.cs</c> of this assembly.</summary>
public sealed class SqliteProcessTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private SqliteUnderTest _test = null!;

    public async Task InitializeAsync()
    {
        _test = await SqliteUnderTest.CreateAsync(partitions: 3);
        await _test.Database.DisposeAsync();
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Directory_is_refused_while_it_is_open_and_free_when_it_is_closed()
    {
        await using (var first = await _test.OpenAsync())
        {
            var refused = await Assert.ThrowsAsync<JournalOpenException>(() => _test.OpenAsync());
            Assert.Contains($"held by process {Environment.ProcessId}", refused.Message);
        }

        await using var second = await _test.OpenAsync();
    }

    [Fact]
    public async Task Holder_is_named_and_its_lock_dies_with_it()
    {
        using var holder = OtherProcess.Start("hold", _test.Directory);
        try
        {
            Assert.Equal("open", await holder.StandardOutput.ReadLineAsync());
            var refused = await Assert.ThrowsAsync<JournalOpenException>(() => _test.OpenAsync());
            Assert.Contains($"held by process {holder.Id}, started ", refused.Message);
            await using var reader = await SqliteJournal.OpenReadOnlyAsync(_test.Directory, None);
            Assert.Empty(await reader.Journal.ReadAsync(0, 0, 1, None));
        }
        finally
        {
            holder.Kill(); // SIGKILL
            await holder.WaitForExitAsync();
        }

        await using var next = await _test.OpenAsync();
    }

    [Fact]
    public async Task Killed_process_leaves_every_acknowledged_entry_and_no_gap()
    {
        for (var kill = 0; kill < 3; kill++)
        {
            var acknowledged = await OtherProcess.AppendAndKillAsync(_test.Directory, killAfterLines: 100 * (kill + 1));
            await using var database = await _test.OpenAsync();
            await OtherProcess.CheckAsync(database.Journal, acknowledged);
        }
    }
}
