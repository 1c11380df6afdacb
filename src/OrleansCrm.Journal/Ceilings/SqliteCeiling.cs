using OrleansCrm.Journal.Sqlite;
using SQLitePCL;

namespace OrleansCrm.Journal.Ceilings;

/// <summary>A bare SQLite file with the journal's own settings. SQLite has one writer at a time, so one connection is always the best.</summary>
public sealed class SqliteCeiling : ICeiling
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    private readonly string _path;

    private SqliteCeiling(string path, string version)
    {
        _path = path;
        Version = version;
    }

    public string Version { get; }

    /// <param name="directory">An existing directory; the file in it must not exist.</param>
    public static SqliteCeiling Create(string directory)
    {
        var path = Path.Combine(directory, "ceiling.db");
        DataFiles.OpenOwn(path).Dispose();
        using var session = SqliteSession.Open(path, readOnly: false, BusyTimeout);
        session.Execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL");
        session.Execute(
            """
            CREATE TABLE event(
                id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, entry_offset INTEGER NOT NULL, customer TEXT NOT NULL,
                message BLOB NOT NULL, type TEXT NOT NULL, time INTEGER NOT NULL, recorded INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
            CREATE TABLE block(id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
            CREATE TABLE customer(id TEXT PRIMARY KEY, events INTEGER NOT NULL, state BLOB NOT NULL) STRICT, WITHOUT ROWID;
            """);
        return new SqliteCeiling(path, "SQLite " + raw.sqlite3_libversion().utf8_to_string());
    }

    public int[] ConnectionsOf(CeilingKind kind) => [1];

    public Task<ICeilingConnection> ConnectAsync(CeilingKind kind, CancellationToken cancellation)
    {
        var session = SqliteSession.Open(_path, readOnly: false, BusyTimeout);

        // As the journal does, but for secure_delete, which only a change of rows pays for.
        session.Execute(
            """
            PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA cache_size = -65536;
            PRAGMA wal_autocheckpoint = 4096; PRAGMA mmap_size = 0
            """);
        return Task.FromResult<ICeilingConnection>(new SqliteCeilingConnection(session, kind));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
