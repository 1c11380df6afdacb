using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Ceilings;

namespace OrleansCrm.Journal.Tests.Ceilings;

public sealed class CeilingTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanscrm-ceiling-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(CeilingKind.RowPerEvent)]
    [InlineData(CeilingKind.BlockPerCommit)]
    [InlineData(CeilingKind.TransactionPerEvent)]
    [InlineData(CeilingKind.UpsertPerEvent)]
    public async Task Sqlite_takes_entries_in_every_way_and_they_reach_the_file(CeilingKind kind)
    {
        await using var ceiling = SqliteCeiling.Create(_directory);
        Assert.StartsWith("SQLite 3.", ceiling.Version);
        Assert.Equal([1], ceiling.ConnectionsOf(kind));
        var log = new FileInfo(Path.Combine(_directory, "ceiling.db-wal"));
        await using var connection = await ceiling.ConnectAsync(kind, CancellationToken.None);
        var before = LengthOf(log);

        await connection.CommitAsync(Entries(0, 3), CancellationToken.None);
        await connection.CommitAsync(Entries(3, 3), CancellationToken.None);

        Assert.True(LengthOf(log) > before);
    }

    internal static Entry[] Entries(long from, int count) =>
        [.. Enumerable.Range(0, count).Select(i => new Entry(0, from + i, "t/user:c" + i, Guid.NewGuid(), EntryTypes.Track, 1, 2, "{}"u8.ToArray()))];

    private static long LengthOf(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? file.Length : 0;
    }
}
