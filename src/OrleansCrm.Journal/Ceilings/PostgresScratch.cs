using System.Globalization;
using Npgsql;

namespace OrleansCrm.Journal.Ceilings;

/// <summary>
/// Empty databases on a PostgreSQL server, for the benchmark, dropped in the end. The user of the connection string must be allowed to make
/// databases; the one that it names is left alone.
/// </summary>
public sealed class PostgresScratch : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly string _prefix;
    private readonly List<string> _databases = [];

    private PostgresScratch(NpgsqlDataSource source, NpgsqlConnectionStringBuilder connection, int number)
    {
        _source = source;
        _connection = connection;
        _prefix = string.Create(CultureInfo.InvariantCulture, $"orleanscrm_bench_{number}_");
    }

    /// <param name="number">Tells the databases of this benchmark from those of others at the same time: the number of the process.</param>
    /// <exception cref="JournalOpenException">The text is no connection string.</exception>
    public static PostgresScratch On(string connectionString, int number)
    {
        try
        {
            // Without a pool: a database that a connection is open to cannot be dropped.
            var connection = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
            return new PostgresScratch(NpgsqlDataSource.Create(connection), connection, number);
        }
        catch (ArgumentException)
        {
            // The message may quote a password.
            throw new JournalOpenException("The database must be given as a connection string such as 'Host=localhost;Database=crm;Username=crm'.");
        }
    }

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string.</returns>
    /// <exception cref="JournalOpenException">The server cannot be reached or refuses.</exception>
    public async Task<string> CreateAsync(CancellationToken cancellation)
    {
        var name = _prefix + _databases.Count.ToString(CultureInfo.InvariantCulture);
        try
        {
            await ExecuteAsync($"CREATE DATABASE {name}", cancellation).ConfigureAwait(false);
        }
        catch (NpgsqlException error)
        {
            throw new JournalOpenException($"No database can be made on {_connection.Host}: {error.Message}", error);
        }

        _databases.Add(name);
        return new NpgsqlConnectionStringBuilder(_connection.ConnectionString) { Database = name, Pooling = true }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in _databases)
            await ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", CancellationToken.None).ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        var command = _source.CreateCommand(sql);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
