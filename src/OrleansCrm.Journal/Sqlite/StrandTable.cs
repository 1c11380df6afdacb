using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

internal readonly record struct EncodedStrand(string Customer, long LastOffset, byte[] Offsets, byte[] Messages)
{
    public static EncodedStrand Of(StrandRow strand)
    {
        var offsets = strand.Offsets;
        if (offsets.Length == 0 || offsets.Length != strand.MessageIds.Length)
            throw new ArgumentException($"A strand has {offsets.Length} offsets and {strand.MessageIds.Length} messages.");
        for (var i = 1; i < offsets.Length; i++)
        {
            if (offsets[i] <= offsets[i - 1])
                throw new ArgumentException("The offsets of a strand must rise.");
        }

        return new EncodedStrand(
            strand.Customer, offsets[^1], StrandFormat.EncodeOffsets(offsets), StrandFormat.EncodeIds(strand.MessageIds));
    }
}

/// <summary>Which entries of the journal are a customer's. The journal itself has no index by customer.</summary>
internal static class StrandTable
{
    private const string Columns = "SELECT position, customer, offsets, messages FROM strand";

    public static void Insert(SqliteSession session, int partition, long row, in EncodedStrand strand) => session
        .Prepare("INSERT INTO strand(position, partition, customer, last_offset, offsets, messages) VALUES(?, ?, ?, ?, ?, ?)")
        .Bind(Position.Of(partition, row)).Bind(partition).Bind(strand.Customer).Bind(strand.LastOffset)
        .Bind(strand.Offsets).Bind(strand.Messages).Run();

    public static StrandRow[] Read(SqliteSession session, int partition, string customer, long beforeLastOffset, int max)
    {
        using var rows = session.Prepare(
            Columns + " WHERE partition = ? AND customer = ? AND last_offset < ? ORDER BY last_offset DESC LIMIT ?")
            .Bind(partition).Bind(customer).Bind(beforeLastOffset).Bind(max);
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
        {
            var row = Position.Offset(rows.Int64(0));
            try
            {
                var messages = StrandFormat.DecodeIds(rows.Blob(3));
                var offsets = StrandFormat.DecodeOffsets(rows.Blob(2), messages.Length);
                strands.Add(new StrandRow(row, rows.Text(1), offsets, messages));
            }
            catch (FormatException error)
            {
                throw new JournalCorruptException(
                    $"Strand {row} of partition {partition} is damaged: {error.Message}", partition, -1, error);
            }
        }

        return strands.ToArray();
    }
}
