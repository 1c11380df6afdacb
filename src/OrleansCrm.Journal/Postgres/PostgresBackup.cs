using Npgsql;
using OrleansCrm.Journal.Backups;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>
/// Copies the tables of the journal in one snapshot of the database (repeatable read), beside whoever writes them, and back into a database
/// that has none. It needs no tool that fits the server's version, and no rights but those that the server runs with; whoever has pg_basebackup
/// and log archiving gets a shorter loss from them. Its cost: vacuum waits for the copy to end.
/// </summary>
public static class PostgresBackup
{
    /// <summary>Seconds that the copy of one table may take: a day.</summary>
    private const int CopyTimeout = 86_400;

    private const string Extension = ".copy";

    /// <inheritdoc cref="Sqlite.SqliteBackup.WriteAsync"/>
    public static Task<BackupManifest> WriteAsync(string connection, string to, TimeProvider time, CancellationToken cancellation) =>
        ConnectedAsync(connection, async (opened, database) =>
        {
            var transaction = await opened.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                // The first read decides what all others see.
                var identity = await Schema.CheckAsync(opened, database, Schema.Plan, cancellation).ConfigureAwait(false);
                var taken = time.GetUtcNow();
                var session = new PostgresSession(opened);
                var heads = await session.ReadAsync(row => row.GetInt64(0), "SELECT head FROM orleanscrm.partition ORDER BY id").ConfigureAwait(false);
                BackupFiles.CreateDirectory(to);
                var files = new List<BackupFile>();
                foreach (var (table, columns) in await ReadTablesAsync(session).ConfigureAwait(false))
                    files.Add(await CopyOutAsync(opened, table, columns, to, cancellation).ConfigureAwait(false));
                var manifest = new BackupManifest(
                    BackupManifest.FormatNow, BackupManifest.Postgres, taken, identity.DatabaseId, identity.Schema, identity.Partitions, heads, files.ToArray());
                manifest.Write(to);
                return manifest;
            }
        });

    /// <summary>Puts the backup into a database that has no journal, and upgrades it, in one transaction.</summary>
    /// <exception cref="JournalOpenException">There is one already, or the backup is of another version or database.</exception>
    /// <exception cref="JournalCorruptException">The backup is damaged. The database has no journal still.</exception>
    public static Task RestoreAsync(BackupManifest manifest, string from, string connection, CancellationToken cancellation) =>
        ConnectedAsync(connection, async (opened, database) =>
        {
            if (manifest.Database != BackupManifest.Postgres)
                throw new JournalOpenException($"The backup in '{from}' is of a {manifest.Database} database and cannot be restored into PostgreSQL.");
            Schema.Plan.Require(manifest.Schema, $"The backup in '{from}'", mayUpgrade: true);
            var transaction = await opened.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                // A server that starts meanwhile waits here, and finds the journal when it is whole.
                var session = new PostgresSession(opened);
                await session.RunAsync("SELECT pg_advisory_xact_lock($1, $2)", Value(ServerLock.Class), Value(ServerLock.Upgrade)).ConfigureAwait(false);
                await Schema.CreateEmptyAsync(session, database, manifest.Schema).ConfigureAwait(false);
                foreach (var file in manifest.Files)
                    await CopyInAsync(opened, session, file, from, cancellation).ConfigureAwait(false);
                await Schema.UpgradeAsync(session, Schema.Plan, manifest.Schema).ConfigureAwait(false);
                await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            }

            return true;
        });

    private static async Task<(string Table, string[] Columns)[]> ReadTablesAsync(PostgresSession session)
    {
        var columns = await session.ReadAsync(
            row => (Table: row.GetString(0), Column: row.GetString(1)),
            """
            SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE c.relnamespace = 'orleanscrm'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY c.relname, a.attnum
            """).ConfigureAwait(false);
        return [.. columns.GroupBy(c => c.Table).Select(t => (t.Key, t.Select(c => c.Column).ToArray()))];
    }

    private static async Task<BackupFile> CopyOutAsync(NpgsqlConnection opened, string table, string[] columns, string to, CancellationToken cancellation)
    {
        var name = table + Extension;
        var file = BackupFiles.Create(Path.Combine(to, name));
        await using (file.ConfigureAwait(false))
        {
            var rows = await opened.BeginRawBinaryCopyAsync($"COPY {NameOf(table, columns)} TO STDOUT (FORMAT binary)", cancellation).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                var (bytes, sha256) = await BackupFiles.CopyAsync(rows, file, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
                return new BackupFile(name, bytes, sha256, columns);
            }
        }
    }

    private static async Task CopyInAsync(NpgsqlConnection opened, PostgresSession session, BackupFile file, string from, CancellationToken cancellation)
    {
        var table = file.Name[..^Extension.Length];
        await session.RunAsync($"TRUNCATE orleanscrm.{Quote(table)}").ConfigureAwait(false);
        var rows = await opened.BeginRawBinaryCopyAsync($"COPY {NameOf(table, file.Columns)} FROM STDIN (FORMAT binary)", cancellation).ConfigureAwait(false);
        await using (rows.ConfigureAwait(false))
        {
            try
            {
                await BackupFiles.RestoreAsync(from, file, rows, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await rows.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }

        // Rows that are made later go on counting where the copied ones end.
        var counted = await session.ReadAsync(
            row => row.GetString(0),
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass AND attidentity <> ''",
            Value($"orleanscrm.{Quote(table)}")).ConfigureAwait(false);
        foreach (var column in counted)
        {
            await session.RunAsync(
                $"SELECT setval(pg_get_serial_sequence('orleanscrm.{Quote(table)}', '{column}'), (SELECT coalesce(max({Quote(column)}), 0) + 1 FROM orleanscrm.{Quote(table)}), false)")
                .ConfigureAwait(false);
        }
    }

    private static string NameOf(string table, string[] columns) => $"orleanscrm.{Quote(table)} ({string.Join(", ", columns.Select(Quote))})";

    // The names come from a file: what is no plain name is not of ours.
    private static string Quote(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
        ? $"\"{name}\""
        : throw new JournalOpenException("The backup names a table or column that no journal has.");

    private static async Task<T> ConnectedAsync<T>(string connectionString, Func<NpgsqlConnection, string, Task<T>> use)
    {
        var connection = Connections.Parse(new PostgresJournalOptions { ConnectionString = connectionString });
        var database = Connections.Describe(connection);
        try
        {
            var source = Connections.OpenSingle(connection, "OrleansCrm backup", CopyTimeout);
            await using (source.ConfigureAwait(false))
            {
                var opened = await source.OpenConnectionAsync().ConfigureAwait(false);
                await using (opened.ConfigureAwait(false))
                    return await use(opened, database).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            throw new JournalUnavailableException($"The {database} could not be copied: {PostgresFailure.Describe(error)}", error);
        }
    }
}
