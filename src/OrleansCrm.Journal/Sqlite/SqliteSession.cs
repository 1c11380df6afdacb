using SQLitePCL;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly sqlite3 _database;

    // Statements are named by constants, and the reference alone finds them: hashing the text would cost as much as a small insert.
    private readonly Dictionary<string, sqlite3_stmt> _statements = new(ReferenceEqualityComparer.Instance);

    static SqliteSession() => Batteries_V2.Init();

    private SqliteSession(sqlite3 database) => _database = database;

    public int Changes => raw.sqlite3_changes(_database);

    public bool InTransaction => raw.sqlite3_get_autocommit(_database) == 0;

    /// <exception cref="SqliteFailure">The file cannot be opened. What is in it is not looked at before the first statement.</exception>
    public static SqliteSession Open(string path, bool readOnly, TimeSpan busyTimeout)
    {
        var mode = readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE;
        var code = raw.sqlite3_open_v2(path, out var database, mode | raw.SQLITE_OPEN_NOMUTEX, null);
        var session = new SqliteSession(database);
        if (code != raw.SQLITE_OK)
        {
            var failure = session.Failure();
            session.Dispose();
            throw failure;
        }

        _ = raw.sqlite3_extended_result_codes(database, 1);
        _ = raw.sqlite3_busy_timeout(database, (int)busyTimeout.TotalMilliseconds);
        return session;
    }

    /// <summary>Runs statements that are not worth keeping.</summary>
    public void Execute(string sql)
    {
        if (raw.sqlite3_exec(_database, sql) != raw.SQLITE_OK)
            throw Failure();
    }

    /// <param name="sql">A constant: the statement is kept under its reference for as long as the session lives.</param>
    public SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement) != raw.SQLITE_OK)
                throw Failure();
            _statements.Add(sql, statement);
        }

        return new SqliteStatement(this, statement, 0);
    }

    /// <summary>First column of the first row, 0 when there is none.</summary>
    public long Int64(string sql)
    {
        using var row = Prepare(sql);
        return row.Step() ? row.Int64(0) : 0;
    }

    /// <summary>Copies the whole database, page by page, over what the other one holds. A transaction here decides what is copied.</summary>
    /// <param name="stepPages">After as many it can be cancelled.</param>
    public void CopyTo(SqliteSession target, int stepPages, CancellationToken cancellation)
    {
        using var backup = raw.sqlite3_backup_init(target._database, "main", _database, "main");
        if (backup is null || backup.IsInvalid)
            throw target.Failure();
        int code;
        do
        {
            cancellation.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, stepPages);
        }
        while (code == raw.SQLITE_OK);
        if (code != raw.SQLITE_DONE)
            throw new SqliteFailure(code, raw.sqlite3_errstr(code).utf8_to_string());
    }

    public SqliteFailure Failure() =>
        new(raw.sqlite3_extended_errcode(_database), raw.sqlite3_errmsg(_database).utf8_to_string());

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
        _database.Dispose();
    }
}
