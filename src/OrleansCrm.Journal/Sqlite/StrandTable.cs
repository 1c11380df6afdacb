using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Which entries of the journal are a customer's. The journal itself has no index by customer.</summary>
internal static class StrandTable
{
    private const string Columns = "SELECT position, customer, offsets, messages, outcomes FROM strand";

    public static void Insert(SqliteSession session, int partition, long row, in EncodedStrand strand) => session
        .Prepare("INSERT INTO strand(position, partition, customer, last_offset, offsets, messages, outcomes) VALUES(?, ?, ?, ?, ?, ?, ?)")
        .Bind(Position.Of(partition, row)).Bind(partition).Bind(strand.Customer).Bind(strand.LastOffset)
        .Bind(strand.Offsets).Bind(strand.Messages).Bind(strand.Outcomes).Run();

    public static StrandRow[] Read(SqliteSession session, int partition, string customer, long beforeLastOffset, int max)
    {
        using var rows = session.Prepare(
            Columns + " WHERE partition = ? AND customer = ? AND last_offset < ? ORDER BY last_offset DESC LIMIT ?")
            .Bind(partition).Bind(customer).Bind(beforeLastOffset).Bind(max);
        return ToStrands(rows, partition);
    }

    public static StrandRow[] ReadFrom(SqliteSession session, int partition, string customer, long fromOffset, int max)
    {
        using var rows = session.Prepare(
            Columns + " WHERE partition = ? AND customer = ? AND last_offset >= ? ORDER BY last_offset LIMIT ?")
            .Bind(partition).Bind(customer).Bind(fromOffset).Bind(max);
        return ToStrands(rows, partition);
    }

    public static StrandRow[] ReadAfter(SqliteSession session, int partition, long afterRow, int max)
    {
        using var rows = session.Prepare(Columns + " WHERE position > ? AND position <= ? ORDER BY position LIMIT ?")
            .Bind(Position.Of(partition, afterRow)).Bind(Position.LastOf(partition)).Bind(max);
        return ToStrands(rows, partition);
    }

    private static StrandRow[] ToStrands(SqliteStatement rows, int partition)
    {
        var strands = new List<StrandRow>();
        while (rows.Step())
            strands.Add(EncodedStrand.Decode(partition, Position.Offset(rows.Int64(0)), rows.Text(1), rows.Blob(2), rows.Blob(3), rows.Blob(4)));
        return strands.ToArray();
    }
}
