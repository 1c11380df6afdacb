using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal.Tests.Postgres;

/// <summary>A journal in a database of its own.</summary>
internal sealed class PostgresUnderTest : JournalUnderTest
{
    private readonly List<PostgresDatabase> _left = [];

    private PostgresUnderTest(string connection, PostgresDatabase database)
    {
        Connection = connection;
        Database = database;
    }

    public string Connection { get; }

    public PostgresDatabase Database { get; private set; }

    public override IJournal Journal => Database.Journal;

    public override IAccountStore Accounts => Database.Accounts;

    public override IQuarantineStore Quarantine => Database.Quarantine;

    public static async Task<PostgresUnderTest> CreateAsync(PostgresFixture fixture, int? partitions = null)
    {
        var connection = await fixture.CreateDatabaseAsync();
        return new PostgresUnderTest(connection, await OpenAsync(connection, partitions));
    }

    public static Task<PostgresDatabase> OpenAsync(string connection, int? partitions = null, bool exclusive = false) => PostgresJournal.OpenAsync(
        new PostgresJournalOptions
        {
            ConnectionString = connection, Partitions = partitions, Exclusive = exclusive, ExclusiveWait = TimeSpan.Zero,
        },
        CancellationToken.None);

    /// <summary>
    /// A process that is gone leaves what its transactions have committed and nothing else; the old journal is not told to finish.
    /// </summary>
    public override async Task CrashAndReopenAsync()
    {
        _left.Add(Database);
        Database = await OpenAsync(Connection);
    }

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        foreach (var database in _left)
            await database.DisposeAsync();
    }
}
