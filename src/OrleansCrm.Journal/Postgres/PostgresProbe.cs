using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>What a PostgreSQL server says of itself, for whoever sets one up.</summary>
/// <param name="Now">The server's clock.</param>
/// <param name="Bytes">Size of the database.</param>
/// <param name="CanCreate">Whether the user may make the schema of the journal, or it is there already.</param>
public sealed record PostgresProbe(
    string Version, DateTimeOffset Now, long Bytes, bool CanCreate, string Encoding, bool Fsync, bool SynchronousCommit, long WalSizeMaxMiB, int ConnectionsMax)
{
    /// <exception cref="JournalUnavailableException">It cannot be reached or refuses; the message says why.</exception>
    public static async Task<PostgresProbe> AskAsync(string connectionString, CancellationToken cancellation)
    {
        var connection = Connections.Parse(new PostgresJournalOptions { ConnectionString = connectionString });
        try
        {
            var source = Connections.OpenSingle(connection, "OrleansCrm doctor", connection.CommandTimeout);
            await using (source.ConfigureAwait(false))
            {
                var opened = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
                await using (opened.ConfigureAwait(false))
                    return await AskAsync(opened, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (PostgresFailure.Is(error))
        {
            throw new JournalUnavailableException($"The {Connections.Describe(connection)} does not answer: {PostgresFailure.Describe(error)}", error);
        }
    }

    private static async Task<PostgresProbe> AskAsync(NpgsqlConnection opened, CancellationToken cancellation)
    {
        // The user's own synchronous_commit has been corrected by then: what counts is that of the server.
        var probes = await new PostgresSession(opened).ReadAsync(
            row => new PostgresProbe(
                row.GetString(0), new DateTimeOffset(row.GetDateTime(1)), row.GetInt64(2), row.GetBoolean(3), row.GetString(4), row.GetBoolean(5),
                row.GetBoolean(6), row.GetInt64(7), row.GetInt32(8)),
            cancellation,
            PostgresSession.Statement(
                """
                SELECT current_setting('server_version'), clock_timestamp(), pg_database_size(current_database()),
                    to_regnamespace('orleanscrm') IS NOT NULL OR has_database_privilege(current_database(), 'CREATE'),
                    current_setting('server_encoding'), current_setting('fsync')::boolean,
                    (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') <> 'off',
                    (SELECT setting::bigint FROM pg_settings WHERE name = 'max_wal_size'), current_setting('max_connections')::int
                """)).ConfigureAwait(false);
        return probes[0];
    }
}
