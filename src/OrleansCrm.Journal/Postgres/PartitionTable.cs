using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Who owns a partition and how far it is: one row for appends, one for flushes, both with the epoch.</summary>
internal static class PartitionTable
{
    /// <summary>
    /// Waits for what the old owner has under way, for no more than that: his next write finds another epoch.
    /// </summary>
    public static async Task<PartitionTakeover> TakeOverAsync(PostgresSession session, int partition)
    {
        var rows = await session.ReadAsync(
            row => new PartitionTakeover(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3)),
            """
            WITH owner AS (
                UPDATE orleanscrm.partition SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch, head, last_recorded),
            flusher AS (
                UPDATE orleanscrm.progress SET epoch = owner.epoch FROM owner WHERE id = $1 RETURNING checkpoint)
            SELECT owner.epoch, head, checkpoint, last_recorded FROM owner, flusher
            """,
            Value(partition)).ConfigureAwait(false);
        return rows is [var takeover] ? takeover : throw Unknown(partition);
    }

    /// <summary>Moves the checkpoint and takes numbers for strands. Nobody takes the partition over before the transaction ends.</summary>
    /// <returns>Number of the first strand row.</returns>
    public static async Task<long> FlushAsync(PostgresSession session, FlushRequest flush)
    {
        var rows = await session.ReadAsync(
            row => row.GetInt64(0),
            "UPDATE orleanscrm.progress SET checkpoint = $3, strands = strands + $4 WHERE id = $1 AND epoch = $2 RETURNING strands",
            Value(flush.Partition), Value(flush.Epoch), Value(flush.Checkpoint), Value(flush.Strands.Length)).ConfigureAwait(false);
        return rows is [var last] ? last - flush.Strands.Length + 1 : throw await RefusalAsync(session, flush.Partition, flush.Epoch).ConfigureAwait(false);
    }

    /// <summary>Takes a number for one strand, or for none. Nobody takes the partition over before the transaction ends.</summary>
    public static async Task<long> NextStrandAsync(PostgresSession session, int partition, long epoch, int strands)
    {
        var rows = await session.ReadAsync(
            row => row.GetInt64(0),
            "UPDATE orleanscrm.progress SET strands = strands + $3 WHERE id = $1 AND epoch = $2 RETURNING strands",
            Value(partition), Value(epoch), Value(strands)).ConfigureAwait(false);
        return rows is [var last] ? last : throw await RefusalAsync(session, partition, epoch).ConfigureAwait(false);
    }

    /// <summary>Why a write changed nothing.</summary>
    /// <param name="head">What the caller took for the head; null when it does not matter.</param>
    public static async Task<Exception> RefusalAsync(PostgresSession session, int partition, long epoch, long? head = null)
    {
        var rows = await session.ReadAsync(
            row => (Epoch: row.GetInt64(0), Head: row.GetInt64(1), LastRecorded: row.GetInt64(2)),
            "SELECT epoch, head, last_recorded FROM orleanscrm.partition WHERE id = $1",
            Value(partition)).ConfigureAwait(false);
        if (rows is not [var found])
            return Unknown(partition);
        if (found.Epoch != epoch)
            return new FencedException($"Partition {partition} belongs to epoch {found.Epoch}, not to epoch {epoch}.");
        if (head is null || found.Head != head)
            return new FencedException($"The head of partition {partition} is {found.Head}, not {head}.");
        return new ArgumentException($"Recorded time falls in partition {partition}: its newest entry is of {found.LastRecorded}.");
    }

    public static ArgumentOutOfRangeException Unknown(int partition) =>
        new(nameof(partition), partition, "The journal has no such partition.");
}
