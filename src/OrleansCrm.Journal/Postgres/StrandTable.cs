using Npgsql;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Which entries of the journal are a customer's. The journal itself has no index by customer.</summary>
internal static class StrandTable
{
    private const string Columns = "SELECT row, customer, offsets, messages, outcomes FROM orleanscrm.strand";

    public static NpgsqlBatchCommand Insert(int partition, long firstRow, EncodedStrand[] strands) => Statement(
        """
        INSERT INTO orleanscrm.strand(partition, row, customer, last_offset, offsets, messages, outcomes)
        SELECT $1, $2 + place - 1, customer, last_offset, offsets, messages, outcomes
        FROM unnest($3, $4, $5, $6, $7) WITH ORDINALITY new(customer, last_offset, offsets, messages, outcomes, place)
        """,
        Value(partition),
        Value(firstRow),
        Value(Array.ConvertAll(strands, strand => strand.Customer)),
        Value(Array.ConvertAll(strands, strand => strand.LastOffset)),
        Value(Array.ConvertAll(strands, strand => strand.Offsets)),
        Value(Array.ConvertAll(strands, strand => strand.Messages)),
        Value(Array.ConvertAll(strands, strand => strand.Outcomes)));

    public static Task<StrandRow[]> ReadAsync(
        PostgresSession session, int partition, string customer, long beforeLastOffset, int max, CancellationToken cancellation) =>
        session.ReadAsync(
            row => ToStrand(row, partition),
            cancellation,
            Statement(
                Columns + " WHERE partition = $1 AND customer = $2 AND last_offset < $3 ORDER BY last_offset DESC LIMIT $4",
                Value(partition), Value(customer), Value(beforeLastOffset), Value(max)));

    public static Task<StrandRow[]> ReadFromAsync(
        PostgresSession session, int partition, string customer, long fromOffset, int max, CancellationToken cancellation) =>
        session.ReadAsync(
            row => ToStrand(row, partition),
            cancellation,
            Statement(
                Columns + " WHERE partition = $1 AND customer = $2 AND last_offset >= $3 ORDER BY last_offset LIMIT $4",
                Value(partition), Value(customer), Value(fromOffset), Value(max)));

    public static Task<StrandRow[]> ReadAfterAsync(
        PostgresSession session, int partition, long afterRow, int max, CancellationToken cancellation) => session.ReadAsync(
        row => ToStrand(row, partition),
        cancellation,
        Statement(Columns + " WHERE partition = $1 AND row > $2 ORDER BY row LIMIT $3", Value(partition), Value(afterRow), Value(max)));

    private static StrandRow ToStrand(NpgsqlDataReader row, int partition) =>
        EncodedStrand.Decode(partition, row.GetInt64(0), row.GetString(1), row.GetBlob(2), row.GetBlob(3), row.GetBlob(4));
}
