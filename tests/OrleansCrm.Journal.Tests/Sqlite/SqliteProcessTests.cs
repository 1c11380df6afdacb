using System.Diagnostics;
using System.Globalization;
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
        using var holder = Start("hold");
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
            var acknowledged = new Dictionary<int, long>();
            using (var writer = Start("append"))
            {
                for (var lines = 0; await writer.StandardOutput.ReadLineAsync() is { } line; lines++)
                {
                    if (lines == 100 * (kill + 1))
                        writer.Kill(); // what it had written before still comes through
                    if (line.Split('-') is [var partition, var offset] && long.TryParse(offset, CultureInfo.InvariantCulture, out var last))
                        acknowledged[int.Parse(partition, CultureInfo.InvariantCulture)] = last;
                }

                await writer.WaitForExitAsync();
            }

            await using var journal = await _test.OpenAsync();
            Assert.NotEmpty(acknowledged);
            foreach (var (partition, last) in acknowledged)
            {
                var entries = await Rows.ReadAllAsync(journal.Journal, partition);
                Assert.True(entries.Count > last, $"{entries.Count} entries, {last} acknowledged");
                Assert.Equal(Rows.Describe(Rows.Entries(partition, 0, entries.Count)), Rows.Describe(entries));
            }
        }
    }

    private Process Start(string what)
    {
        // The test host runs under the dotnet command or, in some runners, under a host of its own.
        var self = Environment.ProcessPath ?? "";
        var dotnet = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true };
        foreach (var argument in new[] { typeof(SqliteProcessTests).Assembly.Location, what, _test.Directory })
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
