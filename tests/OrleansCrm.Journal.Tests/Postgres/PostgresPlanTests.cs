using Npgsql;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Postgres;

/// <summary>What the server reads to answer, whatever it believed about the tables when it made its plans.</summary>
[Collection(PostgresFixture.Collection)]
[Trait("Needs", "postgres")]
public sealed class PostgresPlanTests(PostgresFixture fixture)
{
    private const int Lookups = 40;

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [NeedsFact("postgres")]
    public async Task Lookup_planned_while_the_table_was_small_reads_one_row_when_it_is_large()
    {
        await using var journal = await PostgresUnderTest.CreateAsync(fixture, 1);
        var (epoch, _, _, _) = await journal.Journal.TakeOverAsync(0, None);
        await StoreAsync(0, 3);
        await LookUpAsync();
        await StoreAsync(3, 2_000);
        var before = await ReadByIndexAsync(journal.Connection, Lookups + 2_000);
        await LookUpAsync();
        var after = await ReadByIndexAsync(journal.Connection, before.Searches + Lookups);

        Assert.InRange(after.Rows - before.Rows, Lookups, 2 * Lookups);

        Task StoreAsync(int from, int count) => journal.Journal.FlushAsync(
            Rows.Flush(0, epoch, 0, [.. Enumerable.Range(from, count).Select(n => Rows.Snapshot($"acme/user:{n}", 0))]), None);

        async Task LookUpAsync()
        {
            for (var i = 0; i < Lookups; i++)
                Assert.NotNull((await journal.Journal.ReadSnapshotsAsync(0, ["acme/user:1"], None))[0]);
        }
    }

    /// <summary>Searches for stored states by an index and the rows that they read, once the sessions have told of that many.</summary>
    private static async Task<(long Searches, long Rows)> ReadByIndexAsync(string connection, long searchesMin)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var source = NpgsqlDataSource.Create(connection);
        for (var last = (Searches: -1L, Rows: -1L); ; await Task.Delay(200, patience.Token))
        {
            await using var command = source.CreateCommand(
                "SELECT idx_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE schemaname = 'orleanscrm' AND relname = 'snapshot'");
            await using var reader = await command.ExecuteReaderAsync(patience.Token);
            await reader.ReadAsync(patience.Token);
            var told = (Searches: reader.GetInt64(0), Rows: reader.GetInt64(1));
            if (told == last && told.Searches >= searchesMin)
                return told;
            last = told;
        }
    }
}
