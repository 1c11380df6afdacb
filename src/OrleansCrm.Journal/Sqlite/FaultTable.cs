namespace OrleansCrm.Journal.Sqlite;

/// <summary>Entries that could not be folded.</summary>
internal static class FaultTable
{
    public static void Insert(SqliteSession session, FaultRow fault, long epoch)
    {
        PartitionTable.CheckOwner(session, fault.Partition, epoch);
        session.Prepare("INSERT OR REPLACE INTO fault(position, customer, error, build, recorded) VALUES(?, ?, ?, ?, ?)")
            .Bind(Position.Of(fault.Partition, fault.Offset)).Bind(fault.Customer).Bind(fault.Error).Bind(fault.Build)
            .Bind(fault.RecordedMs).Run();
    }

    public static FaultRow[] Read(SqliteSession session, int partition)
    {
        var faults = new List<FaultRow>();
        using var rows = session.Prepare(
            "SELECT position, customer, error, build, recorded FROM fault WHERE position BETWEEN ? AND ? ORDER BY position, customer")
            .Bind(Position.FirstOf(partition)).Bind(Position.LastOf(partition));
        while (rows.Step())
        {
            faults.Add(new FaultRow(
                partition, Position.Offset(rows.Int64(0)), rows.Text(1), rows.Text(2), rows.Text(3), rows.Int64(4)));
        }

        return faults.ToArray();
    }
}
