using Npgsql;

namespace OrleansCrm.Journal.Ceilings;

/// <summary>A bare PostgreSQL database with the durability it comes with: every commit waits for the disk.</summary>
public sealed class PostgresCeiling : ICeiling
{
    private readonly NpgsqlDataSource _source;

    private PostgresCeiling(NpgsqlDataSource source, string version)
    {
        _source = source;
        Version = version;
    }

    public string Version { get; }

    /// <param name="connectionString">Of an empty database.</param>
    public static async Task<PostgresCeiling> CreateAsync(string connectionString, CancellationToken cancellation)
    {
        var source = NpgsqlDataSource.Create(connectionString);
        var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            using var tables = new NpgsqlCommand(
                """
                CREATE TABLE event(
                    partition integer NOT NULL, entry_offset bigint NOT NULL, customer text NOT NULL, message uuid NOT NULL, type text NOT NULL,
                    time bigint NOT NULL, recorded bigint NOT NULL, payload bytea NOT NULL);
                CREATE TABLE block(data bytea NOT NULL);
                ALTER TABLE block ALTER COLUMN data SET STORAGE EXTERNAL;
                CREATE TABLE customer(id text PRIMARY KEY, events bigint NOT NULL, state bytea NOT NULL);
                """,
                connection);
            await tables.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            return new PostgresCeiling(source, "PostgreSQL " + connection.PostgreSqlVersion);
        }
    }

    public int[] ConnectionsOf(CeilingKind kind) => [1, 4, 16];

    public async Task<ICeilingConnection> ConnectAsync(CeilingKind kind, CancellationToken cancellation) =>
        new PostgresCeilingConnection(await _source.OpenConnectionAsync(cancellation).ConfigureAwait(false), kind);

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
