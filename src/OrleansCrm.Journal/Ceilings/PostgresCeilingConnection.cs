using System.Buffers.Binary;
using Npgsql;
using NpgsqlTypes;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Journal.Ceilings;

internal sealed class PostgresCeilingConnection(NpgsqlConnection connection, CeilingKind kind) : ICeilingConnection
{
    /// <summary>About what the folded state of a customer takes.</summary>
    private const int StateBytes = 512;

    private const string Copy =
        "COPY event(partition, entry_offset, customer, message, type, time, recorded, payload) FROM STDIN (FORMAT binary)";

    private readonly CeilingBlock _block = new();
    private readonly Dictionary<string, NpgsqlCommand> _prepared = new(StringComparer.Ordinal);
    private byte[] _state = new byte[StateBytes];

    public async Task CommitAsync(ReadOnlyMemory<Entry> entries, CancellationToken cancellation)
    {
        switch (kind)
        {
            case CeilingKind.RowPerEvent when entries.Length == 1:
                await InsertRowAsync(entries.Span[0], cancellation).ConfigureAwait(false);
                break;
            case CeilingKind.RowPerEvent:
                await CopyRowsAsync(entries, cancellation).ConfigureAwait(false);
                break;
            case CeilingKind.BlockPerCommit:
                await RunAsync("INSERT INTO block(data) VALUES($1)", cancellation, _block.Encode(entries.Span)).ConfigureAwait(false);
                break;
            case CeilingKind.TransactionPerEvent:
                for (var i = 0; i < entries.Length; i++)
                    await ChangeCustomerAsync(entries.Span[i], cancellation).ConfigureAwait(false);
                break;
            case CeilingKind.UpsertPerEvent:
                for (var i = 0; i < entries.Length; i++)
                    await UpsertAsync(entries.Span[i], cancellation).ConfigureAwait(false);
                break;
            default:
                throw new InvalidOperationException($"There is no way {kind}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _prepared.Values)
            await command.DisposeAsync().ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private Task<int> InsertRowAsync(Entry entry, CancellationToken cancellation) => RunAsync(
        "INSERT INTO event VALUES($1, $2, $3, $4, $5, $6, $7, $8)",
        cancellation,
        entry.Partition, entry.Offset, entry.Customer, entry.MessageId, entry.Type, entry.TimeMs, entry.RecordedMs, entry.Payload);

    private async Task CopyRowsAsync(ReadOnlyMemory<Entry> entries, CancellationToken cancellation)
    {
        var importer = await connection.BeginBinaryImportAsync(Copy, cancellation).ConfigureAwait(false);
        await using (importer.ConfigureAwait(false))
        {
            for (var i = 0; i < entries.Length; i++)
                await WriteRowAsync(importer, entries.Span[i], cancellation).ConfigureAwait(false);
            await importer.CompleteAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static async Task WriteRowAsync(NpgsqlBinaryImporter importer, Entry entry, CancellationToken cancellation)
    {
        await importer.StartRowAsync(cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.Partition, NpgsqlDbType.Integer, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.Offset, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.Customer, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.MessageId, NpgsqlDbType.Uuid, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.Type, NpgsqlDbType.Text, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.TimeMs, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.RecordedMs, NpgsqlDbType.Bigint, cancellation).ConfigureAwait(false);
        await importer.WriteAsync(entry.Payload, NpgsqlDbType.Bytea, cancellation).ConfigureAwait(false);
    }

    private async Task ChangeCustomerAsync(Entry entry, CancellationToken cancellation)
    {
        var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            long? events = null;
            var select = await PrepareAsync("SELECT events, state FROM customer WHERE id = $1 FOR UPDATE", cancellation, entry.Customer).ConfigureAwait(false);
            var row = await select.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            await using (row.ConfigureAwait(false))
            {
                if (await row.ReadAsync(cancellation).ConfigureAwait(false))
                {
                    events = row.GetInt64(0);
                    _state = await row.GetFieldValueAsync<byte[]>(1, cancellation).ConfigureAwait(false);
                }
            }

            BinaryPrimitives.WriteInt64LittleEndian(_state, entry.Offset);
            if (events is { } known)
            {
                await RunAsync("UPDATE customer SET events = $2, state = $3 WHERE id = $1", cancellation, entry.Customer, known + 1, _state)
                    .ConfigureAwait(false);
            }
            else
            {
                await UpsertAsync(entry, cancellation).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private Task<int> UpsertAsync(Entry entry, CancellationToken cancellation)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_state, entry.Offset);
        return RunAsync(
            "INSERT INTO customer VALUES($1, 1, $2) ON CONFLICT(id) DO UPDATE SET events = customer.events + 1, state = excluded.state",
            cancellation,
            entry.Customer, _state);
    }

    private async Task<int> RunAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        var command = await PrepareAsync(sql, cancellation, values).ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<NpgsqlCommand> PrepareAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = new NpgsqlCommand(sql, connection);
            foreach (var value in values)
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            await command.PrepareAsync(cancellation).ConfigureAwait(false);
            _prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }
}
