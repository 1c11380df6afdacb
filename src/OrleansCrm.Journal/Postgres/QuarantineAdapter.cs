using Npgsql;
using OrleansCrm.Journal.Quarantine;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>What was refused for good, by tenant. Who changes a tenant's rows locks its tally first, tenants in one order.</summary>
internal sealed class QuarantineAdapter(PostgresDatabase database) : IQuarantineStore
{
    private const string Columns = """
        SELECT id, tenant, digest, customer, source, call, message_id, entry, code, detail, received, sent, length, raw,
            times, status, replays, replayed, outcome_code, outcome_detail
        FROM orleanscrm.quarantine
        """;

    public Task AddAsync(QuarantineRow[] rows, QuarantineDrop[] drops, QuarantineBounds bounds, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            rows = await WithoutErasedAsync(session, rows).ConfigureAwait(false);
            var tenants = rows.Select(row => row.Tenant).Concat(drops.Select(drop => drop.Tenant)).Distinct().Order(StringComparer.Ordinal);
            foreach (var tenant in tenants)
            {
                var tally = await LockAsync(session, tenant).ConfigureAwait(false);
                tally = tally with { Dropped = tally.Dropped + drops.Where(drop => drop.Tenant == tenant).Sum(drop => drop.Count) };
                tally = await InsertAsync(session, Array.FindAll(rows, row => row.Tenant == tenant), tally).ConfigureAwait(false);
                tally = await MakeRoomAsync(session, tenant, tally, bounds).ConfigureAwait(false);
                await WriteTallyAsync(session, tenant, tally).ConfigureAwait(false);
            }
        },
        cancellation);

    public Task<QuarantineRow[]> ReadAsync(QuarantineQuery query, CancellationToken cancellation) => database.ReadAsync(
        async session =>
        {
            var found = new List<QuarantineRow>();
            long bytes = 0;
            await session.VisitAsync(
                row =>
                {
                    if (bytes >= query.BytesMax)
                        return false;
                    found.Add(ToRow(row));
                    bytes += found[^1].Raw.Length;
                    return true;
                },
                cancellation,
                Newest(query)).ConfigureAwait(false);
            return found.ToArray();
        },
        cancellation);

    public Task<QuarantineRow[]> ReadWaitingAsync(string tenant, string code, long afterId, int max, CancellationToken cancellation) =>
        database.ReadAsync(
            session => session.ReadAsync(
                ToRow,
                cancellation,
                Statement(
                    Columns + " WHERE tenant = $1 AND code = $2 AND id > $3 AND status <> 2 ORDER BY id LIMIT $4",
                    Value(tenant), Value(code), Value(afterId), Value(max))),
            cancellation);

    public async Task<QuarantineRow?> FindAsync(string tenant, long id, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(
            session => session.ReadAsync(ToRow, cancellation, Statement(Columns + " WHERE tenant = $1 AND id = $2", Value(tenant), Value(id))),
            cancellation).ConfigureAwait(false);
        return found is [var row] ? row : null;
    }

    public Task RecordReplaysAsync(string tenant, QuarantineReplay[] replays, CancellationToken cancellation) => database.WriteAsync(
        session => session.RunAsync(
            """
            UPDATE orleanscrm.quarantine q
            SET status = new.status, replays = q.replays + 1, replayed = new.replayed, outcome_code = new.code, outcome_detail = new.detail
            FROM unnest($2, $3, $4, $5, $6) new(id, status, code, detail, replayed)
            WHERE q.tenant = $1 AND q.id = new.id AND q.status <> 2
            """,
            Value(tenant),
            Value(Array.ConvertAll(replays, replay => replay.Id)),
            Value(Array.ConvertAll(replays, replay => (int)replay.Status)),
            Value(Array.ConvertAll(replays, replay => Storable(replay.Code))),
            Value(Array.ConvertAll(replays, replay => Storable(replay.Detail))),
            Value(Array.ConvertAll(replays, replay => replay.ReplayedMs))),
        cancellation);

    public async Task<QuarantineTally> ReadTallyAsync(string tenant, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(
            session => session.ReadAsync(
                ToTally,
                cancellation,
                Statement("SELECT kept, bytes, dropped FROM orleanscrm.quarantine_tally WHERE tenant = $1", Value(tenant))),
            cancellation).ConfigureAwait(false);
        return found is [var tally] ? tally : new QuarantineTally(0, 0, 0);
    }

    public Task<int> EraseAsync(string tenant, string[] customers, CancellationToken cancellation) =>
        database.WriteAsync(session => EraseAsync(session, tenant, customers), cancellation);

    public static async Task<int> EraseAsync(PostgresSession session, string tenant, string[] customers)
    {
        var tally = await LockAsync(session, tenant).ConfigureAwait(false);
        var gone = await session.ReadAsync(
            row => QuarantineRow.WeightOf(row.GetInt32(0)),
            "DELETE FROM orleanscrm.quarantine WHERE tenant = $1 AND customer = ANY($2) RETURNING octet_length(raw)",
            Value(tenant), Value(customers)).ConfigureAwait(false);
        await WriteTallyAsync(session, tenant, tally with { Rows = tally.Rows - gone.Length, Bytes = tally.Bytes - gone.Sum(weight => (long)weight) })
            .ConfigureAwait(false);
        return gone.Length;
    }

    private async Task<QuarantineRow[]> WithoutErasedAsync(PostgresSession session, QuarantineRow[] rows)
    {
        var hashes = Array.ConvertAll(rows, row => CustomerHash.Of(database.Journal.Identity.HashKey, row.Customer).ToString("N"));
        var erased = await session.ReadAsync(
            row => row.GetString(0), "SELECT hash FROM orleanscrm.erasure WHERE hash = ANY($1)", Value(hashes)).ConfigureAwait(false);
        return erased.Length == 0 ? rows : [.. rows.Where((_, i) => !erased.Contains(hashes[i]))];
    }

    private static async Task<QuarantineTally> LockAsync(PostgresSession session, string tenant)
    {
        var tally = await session.ReadAsync(
            ToTally,
            """
            INSERT INTO orleanscrm.quarantine_tally AS t (tenant, kept, bytes, dropped) VALUES($1, 0, 0, 0)
            ON CONFLICT (tenant) DO UPDATE SET kept = t.kept RETURNING kept, bytes, dropped
            """,
            Value(tenant)).ConfigureAwait(false);
        return tally[0];
    }

    private static async Task<QuarantineTally> InsertAsync(PostgresSession session, QuarantineRow[] rows, QuarantineTally tally)
    {
        if (rows.Length == 0)
            return tally;
        var added = await session.ReadAsync(
            row => (IsNew: row.GetBoolean(0), Weight: QuarantineRow.WeightOf(row.GetInt32(1))),
            CancellationToken.None,
            Array.ConvertAll(rows, Insert)).ConfigureAwait(false);
        var fresh = Array.FindAll(added, row => row.IsNew);
        return tally with { Rows = tally.Rows + fresh.Length, Bytes = tally.Bytes + fresh.Sum(row => (long)row.Weight) };
    }

    private static NpgsqlBatchCommand Newest(QuarantineQuery query) => query switch
    {
        { Customer.Length: > 0 } => Statement(
            Columns + " WHERE tenant = $1 AND customer = $2 AND customer <> '' AND id < $3 ORDER BY id DESC LIMIT $4",
            Value(query.Tenant), Value(query.Customer), Value(query.BeforeId), Value(query.Max)),
        { Code.Length: > 0 } => Statement(
            Columns + " WHERE tenant = $1 AND code = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
            Value(query.Tenant), Value(query.Code), Value(query.BeforeId), Value(query.Max)),
        _ => Statement(
            Columns + " WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3", Value(query.Tenant), Value(query.BeforeId), Value(query.Max)),
    };

    private static NpgsqlBatchCommand Insert(QuarantineRow row) => Statement(
        """
        INSERT INTO orleanscrm.quarantine AS q(
            tenant, digest, customer, source, call, message_id, entry, code, detail, received, sent, length, raw,
            times, status, replays, replayed, outcome_code, outcome_detail)
        VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, 1, 0, 0, '', '')
        ON CONFLICT (tenant, digest) DO UPDATE SET times = q.times + 1
        RETURNING times = 1, octet_length(raw)
        """,
        Value(row.Tenant), Value(row.Digest), Value(row.Customer), Value(Storable(row.Source)), Value(row.Call), Value(Storable(row.MessageId)),
        Value(row.Entry), Value(row.Code), Value(Storable(row.Detail)), Value(row.ReceivedMs), Value(row.SentMs), Value(row.Length), Value(row.Raw));

    private static async Task<QuarantineTally> MakeRoomAsync(PostgresSession session, string tenant, QuarantineTally tally, QuarantineBounds bounds)
    {
        while (tally.Rows > bounds.RowsMax || tally.Bytes > bounds.BytesMax)
        {
            var oldest = await session.ReadAsync(
                row => (Id: row.GetInt64(0), Weight: QuarantineRow.WeightOf(row.GetInt32(1)), Status: (QuarantineStatus)row.GetInt32(2)),
                "SELECT id, octet_length(raw), status FROM orleanscrm.quarantine WHERE tenant = $1 ORDER BY id LIMIT 100",
                Value(tenant)).ConfigureAwait(false);
            long last = 0;
            foreach (var row in oldest.TakeWhile(_ => tally.Rows > bounds.RowsMax || tally.Bytes > bounds.BytesMax))
            {
                last = row.Id;
                tally = new QuarantineTally(
                    tally.Rows - 1, tally.Bytes - row.Weight, tally.Dropped + (row.Status == QuarantineStatus.Replayed ? 0 : 1));
            }

            if (last == 0)
                return new QuarantineTally(0, 0, tally.Dropped);
            await session.RunAsync("DELETE FROM orleanscrm.quarantine WHERE tenant = $1 AND id <= $2", Value(tenant), Value(last)).ConfigureAwait(false);
        }

        return tally;
    }

    private static Task WriteTallyAsync(PostgresSession session, string tenant, QuarantineTally tally) => session.RunAsync(
        "UPDATE orleanscrm.quarantine_tally SET kept = $2, bytes = $3, dropped = $4 WHERE tenant = $1",
        Value(tenant), Value(tally.Rows), Value(tally.Bytes), Value(tally.Dropped));

    private static QuarantineTally ToTally(NpgsqlDataReader row) => new(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2));

    private static QuarantineRow ToRow(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetGuid(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6), row.GetString(7),
        row.GetString(8), row.GetString(9), row.GetInt64(10), row.GetInt64(11), row.GetInt32(12), row.GetBlob(13))
    {
        Times = row.GetInt32(14),
        Status = (QuarantineStatus)row.GetInt32(15),
        Replays = row.GetInt32(16),
        ReplayedMs = row.GetInt64(17),
        OutcomeCode = row.GetString(18),
        OutcomeDetail = row.GetString(19),
    };
}
