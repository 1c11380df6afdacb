using System.Globalization;
using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>How connections are opened: the caller's connection string with our bounds, and sessions with the settings we rely on.</summary>
internal static class Connections
{
    /// <summary>
    /// What a session that vanished without a word holds is given free by the server after at most this: a lock, or the row of a
    /// partition that a half-sent transaction has locked.
    /// </summary>
    private const int SilenceSeconds = 5;

    // No statistics are needed where every statement has its index, and tables that grow from nothing to millions of rows between two
    // analyses would be read from end to end without it, or a partition of them to sort what its index has in order. Dead peers: asked
    // after 3 seconds, twice, and given up.
    private const string Settings =
        """
        SELECT set_config(wanted.name, wanted.value, false)
        FROM (VALUES
            ('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' END),
            ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_sort', 'off'), ('jit', 'off'), ('lock_timeout', '0'),
            ('tcp_keepalives_idle', '3'), ('tcp_keepalives_interval', '1'), ('tcp_keepalives_count', '2'),
            ('tcp_user_timeout', $1), ('client_connection_check_interval', '1000'),
            ('statement_timeout', $2), ('idle_in_transaction_session_timeout', $2),
            ('default_transaction_isolation', CASE WHEN $3 THEN 'repeatable read' ELSE 'read committed' END),
            ('default_transaction_read_only', CASE WHEN $3 THEN 'on' ELSE 'off' END)) AS wanted(name, value)
        JOIN pg_settings USING (name) WHERE wanted.value IS NOT NULL
        """;

    /// <exception cref="JournalOpenException">The text is no connection string.</exception>
    public static NpgsqlConnectionStringBuilder Parse(PostgresJournalOptions options)
    {
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
            {
                Timeout = (int)Math.Ceiling(options.ConnectTimeout.TotalSeconds),
                CommandTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
                CancellationTimeout = 2_000,
                Multiplexing = false,
                Enlist = false,
                NoResetOnClose = true, // nothing is left behind in a session, and a reset would undo its settings
                IncludeErrorDetail = false,
                IncludeFailedBatchedCommand = true, // which of the appends in one transaction it was
                LogParameters = false,
                MaxAutoPrepare = 100,
                AutoPrepareMinUsages = 1,
            };
            if (!Path.IsPathRooted(connection.Host) && connection.Host?.StartsWith('@') is not true)
            {
                // Of a socket in the file system the driver would ask the same, and fail.
                connection.TcpKeepAlive = true;
                connection.TcpKeepAliveTime = 3;
                connection.TcpKeepAliveInterval = 1;
            }

            return connection;
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException)
        {
            // The message of the driver may quote what it does not understand, and that may be a password.
            throw new JournalOpenException(
                "The database must be given as a connection string such as 'Host=localhost;Database=crm;Username=crm'.");
        }
    }

    public static NpgsqlDataSource OpenPool(NpgsqlConnectionStringBuilder connection, int connectionsMax, bool readOnly)
    {
        var pool = new NpgsqlConnectionStringBuilder(connection.ConnectionString)
        {
            Pooling = true,
            MinPoolSize = 0,
            MaxPoolSize = connectionsMax,
            ReadBufferSize = readOnly ? 256 * 1024 : 8192,   // a block fits
            WriteBufferSize = readOnly ? 8192 : 128 * 1024,
        };
        pool.ApplicationName ??= "OrleansCrm";
        return Build(pool, connection.CommandTimeout, readOnly);
    }

    /// <summary>For one connection of its own that is gone when it is closed.</summary>
    public static NpgsqlDataSource OpenSingle(NpgsqlConnectionStringBuilder connection, string applicationName, int commandTimeout) => Build(
        new NpgsqlConnectionStringBuilder(connection.ConnectionString)
        {
            Pooling = false,
            ApplicationName = applicationName,
            CommandTimeout = commandTimeout,
        },
        commandTimeout,
        readOnly: false);

    /// <summary>Server and database, for messages.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder connection) =>
        $"database '{connection.Database ?? connection.Username}' on {connection.Host}";

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder connection, int commandTimeout, bool readOnly)
    {
        var builder = new NpgsqlDataSourceBuilder(connection.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            opened =>
            {
                using var command = Prepare(opened, commandTimeout, readOnly);
                command.ExecuteNonQuery();
            },
            async opened =>
            {
                var command = Prepare(opened, commandTimeout, readOnly);
                await using (command.ConfigureAwait(false))
                    await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            });
        return builder.Build();
    }

    private static NpgsqlCommand Prepare(NpgsqlConnection opened, int commandTimeout, bool readOnly)
    {
        // The server's own limit is the later one: it ends what this process could not tell it to end.
        var limit = ((commandTimeout + 5) * 1000).ToString(CultureInfo.InvariantCulture);
        var silence = (SilenceSeconds * 1000).ToString(CultureInfo.InvariantCulture);
        return new NpgsqlCommand(Settings, opened)
        {
            Parameters = { PostgresSession.Value(silence), PostgresSession.Value(limit), PostgresSession.Value(readOnly) },
        };
    }
}
