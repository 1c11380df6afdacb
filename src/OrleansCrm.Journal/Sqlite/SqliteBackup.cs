using OrleansCrm.Journal.Backups;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>
/// Copies a data directory beside a server that writes it, and back. The pages are copied as they are (SQLite's backup interface) within one
/// read transaction: they show one instant, and the writer goes on. A dump or VACUUM INTO would build every tree anew, for several times the CPU.
/// Its cost: the write-ahead log is not cut off while the copy runs.
/// </summary>
public static class SqliteBackup
{
    /// <summary>Pages of one step, 8 MiB: between two of them it can be stopped.</summary>
    private const int StepPages = 1024;

    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    /// <param name="to">A directory that is made, or empty.</param>
    /// <exception cref="JournalOpenException">There is no journal in <paramref name="data"/>, or <paramref name="to"/> is not empty.</exception>
    public static async Task<BackupManifest> WriteAsync(string data, string to, TimeProvider time, CancellationToken cancellation)
    {
        var files = new DataFiles(data);
        if (!File.Exists(files.Database))
            throw new JournalOpenException($"There is no journal in '{data}'.");
        var identity = Schema.Check(files, BusyTimeout, Schema.Plan, mayUpgrade: false);
        BackupFiles.CreateDirectory(to);
        var name = Path.GetFileName(files.Database);
        var target = Path.Combine(to, name);
        DateTimeOffset taken = default;
        long[] heads = [];
        try
        {
            await Task.Run(() => (taken, heads) = Copy(files, target, time, cancellation), cancellation).ConfigureAwait(false);
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToReadException();
        }

        var copied = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
        await using (copied.ConfigureAwait(false))
        {
            copied.Flush(flushToDisk: true);
            var (bytes, sha256) = await BackupFiles.CopyAsync(copied, null, cancellation).ConfigureAwait(false);
            var manifest = new BackupManifest(
                BackupManifest.FormatNow, BackupManifest.Sqlite, taken, identity.DatabaseId, identity.Schema, identity.Partitions, heads,
                [new BackupFile(name, bytes, sha256, [])]);
            manifest.Write(to);
            return manifest;
        }
    }

    /// <summary>Puts the backup into a data directory that has no journal.</summary>
    /// <exception cref="JournalOpenException">There is one already, another process holds the directory, or the backup is of another version.</exception>
    /// <exception cref="JournalCorruptException">The backup is damaged. The directory has no journal still.</exception>
    public static async Task RestoreAsync(BackupManifest manifest, string from, string data, CancellationToken cancellation)
    {
        if (manifest is not { Database: BackupManifest.Sqlite, Files: [var only] })
            throw new JournalOpenException($"The backup in '{from}' is of a {manifest.Database} database and cannot be restored into a directory.");
        Schema.Plan.Require(manifest.Schema, $"The backup in '{from}'", mayUpgrade: true);
        var files = new DataFiles(data);
        files.CreateDirectory();
        using var held = DirectoryLock.Acquire(data);
        if (File.Exists(files.Database) || new FileInfo(files.WriteAheadLog) is { Exists: true, Length: > 0 })
            throw new JournalOpenException($"There is a journal in '{data}' already. A backup is restored into an empty place.");
        File.Delete(files.NewDatabase);
        try
        {
            var file = BackupFiles.Create(files.NewDatabase);
            await using (file.ConfigureAwait(false))
            {
                await BackupFiles.RestoreAsync(from, only, file, cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(files.NewDatabase, files.Database);
            Schema.Check(files, BusyTimeout, Schema.Plan, mayUpgrade: true);
        }
        finally
        {
            File.Delete(files.NewDatabase);
        }
    }

    private static (DateTimeOffset Taken, long[] Heads) Copy(DataFiles files, string target, TimeProvider time, CancellationToken cancellation)
    {
        using var source = SqliteSession.Open(files.Database, readOnly: true, BusyTimeout);
        BackupFiles.Create(target).Dispose();
        using var copy = SqliteSession.Open(target, readOnly: false, BusyTimeout);
        copy.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");

        // The first read decides what all others see.
        source.Execute("BEGIN");
        var heads = new List<long>();
        using (var rows = source.Prepare("SELECT head FROM partition ORDER BY id"))
        {
            while (rows.Step())
                heads.Add(rows.Int64(0));
        }

        var taken = time.GetUtcNow();
        source.CopyTo(copy, StepPages, cancellation);
        source.Execute("COMMIT");
        return (taken, heads.ToArray());
    }
}
