namespace OrleansCrm.Journal.Sqlite;

/// <summary>One row per partition: who owns it and how far it is. Every fenced write begins here.</summary>
internal static class PartitionTable
{
    public static PartitionTakeover TakeOver(SqliteSession session, int partition)
    {
        using var row = session.Prepare(
            "UPDATE partition SET epoch = epoch + 1 WHERE id = ? RETURNING epoch, head, checkpoint, last_recorded").Bind(partition);
        if (!row.Step())
            throw new ArgumentOutOfRangeException(nameof(partition), partition, "The journal has no such partition.");
        var takeover = new PartitionTakeover(row.Int64(0), row.Int64(1), row.Int64(2), row.Int64(3));
        while (row.Step())
            continue; // the update is complete only when the statement is
        return takeover;
    }

    /// <summary>Moves the head, if the caller is still the owner and the head is where he believes.</summary>
    public static void Advance(
        SqliteSession session, int partition, long epoch, long head, int count, long firstRecorded, long lastRecorded)
    {
        var moved = session.Prepare(
            """
            UPDATE partition SET head = head + ?, last_recorded = ?
            WHERE id = ? AND epoch = ? AND head = ? AND last_recorded <= ?
            """).Bind(count).Bind(lastRecorded).Bind(partition).Bind(epoch).Bind(head).Bind(firstRecorded).Run();
        if (moved == 0)
            throw Refusal(session, partition, epoch, head);
    }

    public static void CheckOwner(SqliteSession session, int partition, long epoch)
    {
        using var row = session.Prepare("SELECT 1 FROM partition WHERE id = ? AND epoch = ?").Bind(partition).Bind(epoch);
        if (!row.Step())
            throw Refusal(session, partition, epoch, head: null);
    }

    /// <summary>Moves the checkpoint and takes numbers for strands.</summary>
    /// <returns>Number of the first strand row.</returns>
    public static long Flush(SqliteSession session, int partition, long epoch, long checkpoint, int strands)
    {
        using var row = session.Prepare(
            "UPDATE partition SET checkpoint = ?, strands = strands + ? WHERE id = ? AND epoch = ? RETURNING strands")
            .Bind(checkpoint).Bind(strands).Bind(partition).Bind(epoch);
        if (!row.Step())
            throw Refusal(session, partition, epoch, head: null);
        var last = row.Int64(0);
        while (row.Step())
            continue; // the update is complete only when the statement is
        return last - strands + 1;
    }

    /// <summary>Takes a number for one strand.</summary>
    public static long NextStrand(SqliteSession session, int partition, long epoch)
    {
        using var row = session.Prepare("UPDATE partition SET strands = strands + 1 WHERE id = ? AND epoch = ? RETURNING strands")
            .Bind(partition).Bind(epoch);
        if (!row.Step())
            throw Refusal(session, partition, epoch, head: null);
        var number = row.Int64(0);
        while (row.Step())
            continue; // the update is complete only when the statement is
        return number;
    }

    private static Exception Refusal(SqliteSession session, int partition, long epoch, long? head)
    {
        using var row = session.Prepare("SELECT epoch, head, last_recorded FROM partition WHERE id = ?").Bind(partition);
        if (!row.Step())
            return new ArgumentOutOfRangeException(nameof(partition), partition, "The journal has no such partition.");
        if (row.Int64(0) != epoch)
            return new FencedException($"Partition {partition} belongs to epoch {row.Int64(0)}, not to epoch {epoch}.");
        if (head is { } expected && row.Int64(1) != expected)
            return new FencedException($"The head of partition {partition} is {row.Int64(1)}, not {expected}.");
        return new ArgumentException($"Recorded time falls in partition {partition}: its newest entry is of {row.Int64(2)}.");
    }
}
