using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Tests.Sqlite;

public sealed class SqliteDamageTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private SqliteUnderTest _test = null!;

    public async Task InitializeAsync() => _test = await SqliteUnderTest.CreateAsync(partitions: 2);

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Torn_end_of_the_log_loses_nothing_that_was_acknowledged_before()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        long head = 0;
        for (; head < 20; head++)
            await _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1), None);
        var log = _test.File + "-wal";
        var acknowledged = new FileInfo(log).Length;
        await _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 400), None);
        var whole = new FileInfo(log).Length;

        // The last commit is cut, or its bytes are not what they should be, at places all over its frames.
        for (var i = 0; i < 12; i++)
        {
            var tornAt = acknowledged + 1 + (whole - acknowledged - 2) * i / 11;
            var copy = _test.Copy($"torn{i}");
            await using (var file = File.Open(Path.Combine(copy, "journal.db-wal"), FileMode.Open))
            {
                if (i % 2 == 0)
                {
                    file.SetLength(tornAt);
                }
                else
                {
                    file.Position = tornAt;
                    var old = file.ReadByte();
                    file.Position = tornAt;
                    file.WriteByte((byte)(old ^ 0x5a));
                }
            }

            await using var torn = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = copy }, None);
            var entries = await Rows.ReadAllAsync(torn.Journal, 0);
            Assert.Equal(Rows.Describe(Rows.Entries(0, 0, 20)), Rows.Describe(entries));
            var takeover = await torn.Journal.TakeOverAsync(0, None);
            Assert.Equal(20, takeover.Head);
            await torn.Journal.AppendAsync(0, takeover.Epoch, 20, Rows.Entries(0, 20, 5), None);
            Assert.Equal(25, (await Rows.ReadAllAsync(torn.Journal, 0)).Count);
        }
    }

    [Theory]
    [InlineData("UPDATE block SET data = CAST(substr(data, 1, 30) || x'5a' || substr(data, 32) AS BLOB) WHERE position = 10", 10)]
    [InlineData("UPDATE block SET count = count + 1 WHERE position = 10", 10)]
    [InlineData("UPDATE block SET data = (SELECT data FROM block WHERE position = 0), checksum = (SELECT checksum FROM block WHERE position = 0) WHERE position = 10", 10)]
    [InlineData("DELETE FROM block WHERE position = 10", 10)]
    [InlineData("DELETE FROM block WHERE position = 20", 20)]
    public async Task Damaged_misplaced_or_missing_block_is_named_and_what_stands_before_is_read(string damage, int offset)
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        for (var head = 0; head < 30; head += 10)
            await _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 10), None);
        await _test.Database.WriteAsync(session => session.Execute(damage), None);

        Assert.Equal(10, (await _test.Journal.ReadAsync(0, 0, 10, None)).Length);
        var error = await Assert.ThrowsAsync<JournalCorruptException>(() => Rows.ReadAllAsync(_test.Journal, 0));
        Assert.Equal((0, offset), (error.Partition, error.Offset));
        await Assert.ThrowsAsync<JournalCorruptException>(() => _test.Journal.ReadAtAsync(0, [3, offset + 5], None));
        Assert.NotNull((await _test.Journal.ReadAtAsync(0, [3], None))[0]);
    }

    [Fact]
    public async Task Full_disk_fails_the_append_whole_and_room_again_lets_it_succeed()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        var (epochOfOther, _, _, _) = await _test.Journal.TakeOverAsync(1, None);
        await _test.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 10), None);
        await LimitPagesAsync(1);

        long head = 10;
        var failed = false;
        for (var i = 0; i < 100 && !failed; i++)
        {
            try
            {
                await _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1000), None);
                head += 1000;
            }
            catch (JournalFullException error)
            {
                Assert.Contains("full", error.Message);
                failed = true;
            }
        }

        Assert.True(failed);
        var flush = Rows.Flush(1, epochOfOther, 0, Enumerable.Range(0, 500).Select(i => Rows.Snapshot($"acme/user:{i}", i)).ToArray());
        await Assert.ThrowsAsync<JournalFullException>(() => _test.Journal.FlushAsync(flush, None));
        Assert.Equal(head, (await Rows.ReadAllAsync(_test.Journal, 0)).Count);
        Assert.Empty(await _test.Journal.ReadSnapshotsAfterAsync(1, "", 10, None));

        await LimitPagesAsync(1_000_000);
        await _test.Journal.FlushAsync(flush, None);
        await _test.Journal.AppendAsync(0, epoch, head, Rows.Entries(0, head, 1000), None);
        await _test.CrashAndReopenAsync();
        Assert.Equal(Rows.Describe(Rows.Entries(0, 0, (int)head + 1000)), Rows.Describe(await Rows.ReadAllAsync(_test.Journal, 0)));
        Assert.Equal(500, (await _test.Journal.ReadSnapshotsAfterAsync(1, "", 1000, None)).Length);
    }

    [Fact]
    public async Task Failure_that_spoils_the_connection_is_followed_by_a_new_one()
    {
        var (epoch, _, _, _) = await _test.Journal.TakeOverAsync(0, None);
        Task BreakAsync() => _test.Database.WriteAsync(_ => throw new SqliteFailure(SQLitePCL.raw.SQLITE_IOERR, "disk I/O error"), None);
        await Assert.ThrowsAsync<JournalUnavailableException>(BreakAsync);
        await _test.Journal.AppendAsync(0, epoch, 0, Rows.Entries(0, 0, 3), None);
        await Assert.ThrowsAsync<JournalUnavailableException>(BreakAsync);
        await _test.Journal.AppendAsync(0, epoch, 3, Rows.Entries(0, 3, 3), None);
        Assert.Equal(6, (await Rows.ReadAllAsync(_test.Journal, 0)).Count);
    }

    [Fact]
    public async Task Read_of_large_payloads_stops_early_and_goes_on_where_it_stopped()
    {
        await _test.Database.DisposeAsync();
        var options = new SqliteJournalOptions { Directory = _test.Directory, ReadBytesMax = 64 * 1024 };
        await using var database = await SqliteJournal.OpenAsync(options, None);
        var (epoch, _, _, _) = await database.Journal.TakeOverAsync(0, None);
        var entries = Array.ConvertAll(Rows.Entries(0, 0, 30), entry => entry with { Payload = new byte[10_000] });
        await database.Journal.AppendAsync(0, epoch, 0, entries, None);
        Assert.Equal(7, (await database.Journal.ReadAsync(0, 0, 100, None)).Length);
        Assert.Equal(Rows.Describe(entries), Rows.Describe(await Rows.ReadAllAsync(database.Journal, 0)));
    }

    private Task LimitPagesAsync(int pages) =>
        _test.Database.WriteAsync(session => session.Execute($"PRAGMA max_page_count = {pages}"), None);
}
