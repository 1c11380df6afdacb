using System.Buffers.Binary;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Journal.Ceilings;

internal sealed class SqliteCeilingConnection(SqliteSession session, CeilingKind kind) : ICeilingConnection
{
    /// <summary>About what the folded state of a customer takes.</summary>
    private const int StateBytes = 512;

    private readonly CeilingBlock _block = new();
    private readonly byte[] _state = new byte[StateBytes];

    public Task CommitAsync(ReadOnlyMemory<Entry> entries, CancellationToken cancellation)
    {
        switch (kind)
        {
            case CeilingKind.RowPerEvent:
                InTransaction(entries.Span, InsertRows);
                break;
            case CeilingKind.BlockPerCommit:
                InTransaction(entries.Span, InsertBlock);
                break;
            case CeilingKind.TransactionPerEvent:
                foreach (var entry in entries.Span)
                    InTransaction([entry], ChangeCustomer);
                break;
            case CeilingKind.UpsertPerEvent:
                foreach (var entry in entries.Span)
                    Upsert(entry);
                break;
            default:
                throw new InvalidOperationException($"There is no way {kind}.");
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        session.Dispose();
        return ValueTask.CompletedTask;
    }

    private delegate void Work(ReadOnlySpan<Entry> entries);

    private void InTransaction(ReadOnlySpan<Entry> entries, Work work)
    {
        session.Prepare("BEGIN IMMEDIATE").Run();
        work(entries);
        session.Prepare("COMMIT").Run();
    }

    private void InsertRows(ReadOnlySpan<Entry> entries)
    {
        Span<byte> message = stackalloc byte[16];
        foreach (var entry in entries)
        {
            entry.MessageId.TryWriteBytes(message);
            session.Prepare(
                "INSERT INTO event(partition, entry_offset, customer, message, type, time, recorded, payload) VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
                .Bind(entry.Partition).Bind(entry.Offset).Bind(entry.Customer).Bind(message).Bind(entry.Type).Bind(entry.TimeMs)
                .Bind(entry.RecordedMs).Bind(entry.Payload).Run();
        }
    }

    private void InsertBlock(ReadOnlySpan<Entry> entries) =>
        session.Prepare("INSERT INTO block(data) VALUES(?)").Bind(_block.Encode(entries).Span).Run();

    private void ChangeCustomer(ReadOnlySpan<Entry> entries)
    {
        var entry = entries[0];
        long events;
        using (var row = session.Prepare("SELECT events, state FROM customer WHERE id = ?").Bind(entry.Customer))
        {
            events = row.Step() ? row.Int64(0) : 0;
            if (events > 0)
                row.Blob(1).CopyTo(_state);
        }

        ChangeState(events);
        if (events == 0)
            session.Prepare("INSERT INTO customer(id, events, state) VALUES(?, 1, ?)").Bind(entry.Customer).Bind(_state).Run();
        else
            session.Prepare("UPDATE customer SET events = ?, state = ? WHERE id = ?").Bind(events + 1).Bind(_state).Bind(entry.Customer).Run();
    }

    private void Upsert(Entry entry)
    {
        ChangeState(entry.Offset);
        session.Prepare(
            "INSERT INTO customer(id, events, state) VALUES(?, 1, ?) ON CONFLICT(id) DO UPDATE SET events = events + 1, state = excluded.state")
            .Bind(entry.Customer).Bind(_state).Run();
    }

    private void ChangeState(long value) => BinaryPrimitives.WriteInt64LittleEndian(_state, value);
}
