using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Opens journals that live in a PostgreSQL database, in its schema <c>orleanscrm</c>.</summary>
public static class PostgresJournal
{
    /// <summary>Opens the journal for reading and writing, and makes or upgrades its tables first.</summary>
    /// <exception cref="JournalOpenException">
    /// The server cannot be reached or refuses, another process holds the database, or its tables are of a newer version or have another
    /// number of partitions. Nothing was changed.
    /// </exception>
    public static async Task<PostgresDatabase> OpenAsync(PostgresJournalOptions options, CancellationToken cancellation)
    {
        options.Check();
        var connection = Connections.Parse(options);
        var database = Connections.Describe(connection);
        return await GuardAsync(database, async () =>
        {
            var held = options.Exclusive
                ? await ServerLock.AcquireAsync(connection, database, options.ExclusiveWait, cancellation).ConfigureAwait(false)
                : null;
            try
            {
                var identity = await OnceAsync(
                    connection,
                    (int)options.UpgradeTimeout.TotalSeconds,
                    opened => Schema.PrepareAsync(opened, database, options.Partitions, options.Plan, cancellation),
                    cancellation).ConfigureAwait(false);
                return new PostgresDatabase(identity, connection, options, held, readOnly: false);
            }
            catch
            {
                if (held is not null)
                    await held.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Opens an existing journal for reading, also beside processes that write it. Writing methods throw.</summary>
    /// <exception cref="JournalOpenException">There is none, it is of another version, or the server cannot be reached.</exception>
    public static async Task<PostgresDatabase> OpenReadOnlyAsync(PostgresJournalOptions options, CancellationToken cancellation)
    {
        options.Check();
        var connection = Connections.Parse(options);
        var database = Connections.Describe(connection);
        return await GuardAsync(database, async () =>
        {
            var identity = await OnceAsync(
                connection, connection.CommandTimeout, opened => Schema.CheckAsync(opened, database, options.Plan, cancellation), cancellation)
                .ConfigureAwait(false);
            return new PostgresDatabase(identity, connection, options, held: null, readOnly: true);
        }).ConfigureAwait(false);
    }

    /// <summary>Whether a text can be a connection string: words of the driver, and a host among them.</summary>
    public static bool IsConnectionString(string text)
    {
        try
        {
            return Parse(text) is { Host.Length: > 0 };
        }
        catch (JournalOpenException)
        {
            return false;
        }
    }

    /// <summary>Whether a connection string carries a password, which does not belong where other users can read it.</summary>
    /// <exception cref="JournalOpenException">The text is no connection string.</exception>
    public static bool HasPassword(string connectionString) => Parse(connectionString) is { Password.Length: > 0 };

    /// <summary>Server and database of a connection string, for people: without user and password.</summary>
    /// <exception cref="JournalOpenException">The text is no connection string.</exception>
    public static string Describe(string connectionString) => Connections.Describe(Parse(connectionString));

    private static NpgsqlConnectionStringBuilder Parse(string connectionString) =>
        Connections.Parse(new PostgresJournalOptions { ConnectionString = connectionString });

    private static async Task<T> OnceAsync<T>(
        NpgsqlConnectionStringBuilder connection, int timeoutSeconds, Func<NpgsqlConnection, Task<T>> use, CancellationToken cancellation)
    {
        var source = Connections.OpenSingle(connection, connection.ApplicationName ?? "OrleansCrm", timeoutSeconds);
        await using (source.ConfigureAwait(false))
        {
            var opened = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            await using (opened.ConfigureAwait(false))
                return await use(opened).ConfigureAwait(false);
        }
    }

    private static async Task<T> GuardAsync<T>(string database, Func<Task<T>> open)
    {
        try
        {
            return await open().ConfigureAwait(false);
        }
        catch (Exception error) when (PostgresFailure.Is(error) || error is ArgumentException)
        {
            throw new JournalOpenException($"The {database} cannot be opened: {PostgresFailure.Describe(error)}", error);
        }
    }
}
