using System.Text;
using SQLitePCL;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>One use of a prepared statement: bind in order, step, read columns, and dispose so that it can be used again.</summary>
/// <remarks>Spans read from it end with the next step.</remarks>
internal readonly ref struct SqliteStatement(SqliteSession session, sqlite3_stmt statement, int bound)
{
    private const int StackBytes = 512;

    public SqliteStatement Bind(long value) => Bound(raw.sqlite3_bind_int64(statement, bound + 1, value));

    public SqliteStatement Bind(string value)
    {
        var room = Encoding.UTF8.GetMaxByteCount(value.Length);
        var bytes = room <= StackBytes ? stackalloc byte[StackBytes] : new byte[room];
        bytes = bytes[..Encoding.UTF8.GetBytes(value, bytes)];
        return Bound(raw.sqlite3_bind_text(statement, bound + 1, bytes));
    }

    public SqliteStatement Bind(ReadOnlySpan<byte> value) => Bound(
        value.IsEmpty ? raw.sqlite3_bind_zeroblob(statement, bound + 1, 0) : raw.sqlite3_bind_blob(statement, bound + 1, value));

    /// <summary>Moves to the next row; false at the end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
            return false;
        throw session.Failure();
    }

    /// <summary>Runs a statement that has no rows to read.</summary>
    /// <returns>How many rows it changed.</returns>
    public int Run()
    {
        using (this)
            Step();
        return session.Changes;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public int Int32(int column) => checked((int)Int64(column));

    public string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    /// <summary>Whether the column has this text, without making one of it.</summary>
    public bool TextEquals(int column, string text) => text.Length == 0
        ? Blob(column).IsEmpty
        : Encoding.UTF8.GetByteCount(text) == Blob(column).Length && Text(column) == text;

    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(statement, column);

    // The code is that of the last step, which has thrown already when it was bad.
    public void Dispose()
    {
        _ = raw.sqlite3_reset(statement);
        _ = raw.sqlite3_clear_bindings(statement);
    }

    private SqliteStatement Bound(int code) =>
        code == raw.SQLITE_OK ? new SqliteStatement(session, statement, bound + 1) : throw session.Failure();
}
