using OrleansCrm.Journal.Accounts;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Tests.Sqlite;

/// <summary>A SQLite journal in a directory that goes away with it.</summary>
internal sealed class SqliteUnderTest : JournalUnderTest
{
    private readonly string _root = System.IO.Directory.CreateTempSubdirectory("crm-journal-").FullName;
    private int _crashes;

    private SqliteUnderTest()
    {
    }

    public SqliteDatabase Database { get; private set; } = null!;

    public string Directory => Path.Combine(_root, $"data{_crashes}");

    public string File => Path.Combine(Directory, "journal.db");

    public override IJournal Journal => Database.Journal;

    public override IAccountStore Accounts => Database.Accounts;

    public override IQuarantineStore Quarantine => Database.Quarantine;

    public static async Task<SqliteUnderTest> CreateAsync(int? partitions = null)
    {
        var test = new SqliteUnderTest();
        test.Database = await test.OpenAsync(partitions);
        return test;
    }

    public Task<SqliteDatabase> OpenAsync(int? partitions = null) =>
        SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = Directory, Partitions = partitions }, CancellationToken.None);

    /// <summary>Copies the database and its log as they stand, which is what the loss of the process would leave.</summary>
    public string Copy(string name)
    {
        var target = System.IO.Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        foreach (var file in new[] { "journal.db", "journal.db-wal" })
        {
            if (System.IO.File.Exists(Path.Combine(Directory, file)))
                System.IO.File.Copy(Path.Combine(Directory, file), Path.Combine(target, file));
        }

        return target;
    }

    public override async Task CrashAndReopenAsync()
    {
        Copy($"data{_crashes + 1}");
        await Database.DisposeAsync();
        _crashes++;
        Database = await OpenAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        System.IO.Directory.Delete(_root, recursive: true);
    }
}
