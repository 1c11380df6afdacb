using System.Data;
using System.Text;
using Npgsql;

namespace OrleansCrm.Journal.Postgres;

/// <summary>A connection for the time of one read or one transaction. Every statement is prepared at its first use and kept.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection)
{
    public static NpgsqlParameter Value<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>A text that may hold anything: PostgreSQL stores neither zeros nor halves of a surrogate pair.</summary>
    public static string Storable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');

    public static NpgsqlBatchCommand Statement(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            statement.Parameters.Add(parameter);
        return statement;
    }

    /// <summary>Sends the statements together; outside a transaction all of them are one.</summary>
    /// <returns>Rows that were changed.</returns>
    public async Task<int> RunAsync(params NpgsqlBatchCommand[] statements)
    {
        var batch = Batch(statements);
        await using (batch.ConfigureAwait(false))
            return await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }

    public Task<int> RunAsync(string sql, params ReadOnlySpan<NpgsqlParameter> parameters) => RunAsync(Statement(sql, parameters));

    /// <summary>Runs a text of several statements, which is not worth keeping.</summary>
    public async Task ExecuteAsync(string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    public Task<T[]> ReadAsync<T>(Func<NpgsqlDataReader, T> map, string sql, params ReadOnlySpan<NpgsqlParameter> parameters) =>
        ReadAsync(map, CancellationToken.None, Statement(sql, parameters));

    /// <summary>All rows of all statements.</summary>
    public async Task<T[]> ReadAsync<T>(
        Func<NpgsqlDataReader, T> map, CancellationToken cancellation, params NpgsqlBatchCommand[] statements)
    {
        var rows = new List<T>();
        await VisitAsync(
            reader =>
            {
                rows.Add(map(reader));
                return true;
            },
            cancellation,
            statements).ConfigureAwait(false);
        return rows.ToArray();
    }

    /// <summary>Shows all rows of all statements, one after the other, while they arrive.</summary>
    /// <param name="take">False: enough, the rest of the statement's rows is thrown away.</param>
    public async Task VisitAsync(
        Func<NpgsqlDataReader, bool> take, CancellationToken cancellation, params NpgsqlBatchCommand[] statements)
    {
        var batch = Batch(statements);
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ExecuteReaderAsync(CommandBehavior.Default, cancellation).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                do
                {
                    while (await reader.ReadAsync(cancellation).ConfigureAwait(false) && take(reader))
                        continue;
                }
                while (await reader.NextResultAsync(cancellation).ConfigureAwait(false));
            }
        }
    }

    private NpgsqlBatch Batch(NpgsqlBatchCommand[] statements)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
            batch.BatchCommands.Add(statement);
        return batch;
    }
}
