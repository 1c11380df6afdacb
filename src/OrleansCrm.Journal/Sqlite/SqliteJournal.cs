using System.Diagnostics;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Opens journals that live in a data directory of this machine.</summary>
public static class SqliteJournal
{
    private static readonly TimeSpan HeldRetryDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Opens the database for reading and writing, or makes it when there is none, and upgrades tables of an older version. Only one process can have it open so.
    /// </summary>
    /// <exception cref="JournalOpenException">
    /// Held by another process, damaged, of another version, made with another number of partitions, or no journal. The file is untouched.
    /// </exception>
    public static async Task<SqliteDatabase> OpenAsync(SqliteJournalOptions options, CancellationToken cancellation)
    {
        options.Check();
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await Task.Run(() => OpenWritable(options), cancellation).ConfigureAwait(false);
            }
            catch (JournalOpenException error) when (error.IsHeld && Stopwatch.GetElapsedTime(begun) < options.ExclusiveWait)
            {
                await Task.Delay(HeldRetryDelay, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Opens an existing database for reading, also beside a process that writes it. Writing methods throw.</summary>
    /// <exception cref="JournalOpenException">There is none, or it is damaged, of another version, or no journal.</exception>
    public static Task<SqliteDatabase> OpenReadOnlyAsync(string directory, CancellationToken cancellation) =>
        OpenReadOnlyAsync(new SqliteJournalOptions { Directory = directory }, cancellation);

    /// <inheritdoc cref="OpenReadOnlyAsync(string, CancellationToken)"/>
    public static Task<SqliteDatabase> OpenReadOnlyAsync(SqliteJournalOptions options, CancellationToken cancellation)
    {
        options.Check();
        return Task.Run(() => OpenForReading(options), cancellation);
    }

    private static SqliteDatabase OpenWritable(SqliteJournalOptions options)
    {
        var files = new DataFiles(options.Directory);
        var held = Guard(files, () =>
        {
            files.CreateDirectory();
            return DirectoryLock.Acquire(files.Directory);
        });
        try
        {
            return Guard(files, () =>
            {
                if (!File.Exists(files.Database))
                    Create(files, options);
                files.Tighten();
                var identity = Schema.Check(files, options.BusyTimeout, options.Plan, mayUpgrade: true);
                if (options.Partitions is { } wanted && wanted != identity.Partitions)
                {
                    throw new JournalOpenException(
                        $"'{files.Database}' was made with {identity.Partitions} partitions and cannot be opened with {wanted}.");
                }

                return new SqliteDatabase(identity, files, options, held);
            });
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private static SqliteDatabase OpenForReading(SqliteJournalOptions options)
    {
        var files = new DataFiles(options.Directory);
        if (!File.Exists(files.Database))
            throw new JournalOpenException($"There is no journal in '{files.Directory}'.") { IsAbsent = true };
        return Guard(files, () => new SqliteDatabase(Schema.Check(files, options.BusyTimeout, options.Plan, mayUpgrade: false), files, options, held: null));
    }

    private static void Create(DataFiles files, SqliteJournalOptions options)
    {
        if (new FileInfo(files.WriteAheadLog) is { Exists: true, Length: > 0 })
        {
            throw new JournalOpenException(
                $"'{files.WriteAheadLog}' is there, but its database '{files.Database}' is missing. Restore it, or remove both.");
        }

        Schema.Create(files, options.Partitions ?? SqliteJournalOptions.PartitionsDefault, Guid.NewGuid());
    }

    private static T Guard<T>(DataFiles files, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception error) when (error is SqliteFailure or IOException or UnauthorizedAccessException)
        {
            throw new JournalOpenException($"The journal in '{files.Directory}' cannot be opened: {error.Message}", error);
        }
    }
}
