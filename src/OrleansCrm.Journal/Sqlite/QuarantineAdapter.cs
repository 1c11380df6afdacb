using OrleansCrm.Journal.Quarantine;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>What was refused for good, by tenant.</summary>
internal sealed class QuarantineAdapter(SqliteDatabase database) : IQuarantineStore
{
    private const string Columns = """
        SELECT id, tenant, digest, customer, source, call, message_id, entry, code, detail, received, sent, length, raw,
            times, status, replays, replayed, outcome_code, outcome_detail
        FROM quarantine
        """;

    private const string NewestOfAll = Columns + " WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?";
    private const string NewestOfCode = Columns + " WHERE tenant = ? AND code = ? AND id < ? ORDER BY id DESC LIMIT ?";
    private const string NewestOfCustomer = Columns + " WHERE tenant = ? AND customer = ? AND customer <> '' AND id < ? ORDER BY id DESC LIMIT ?";
    private const string WaitingOfCode = Columns + " WHERE tenant = ? AND code = ? AND id > ? AND status <> 2 ORDER BY id LIMIT ?";
    private const string One = Columns + " WHERE tenant = ? AND id = ?";

    public Task AddAsync(QuarantineRow[] rows, QuarantineDrop[] drops, QuarantineBounds bounds, CancellationToken cancellation) =>
        database.WriteAsync(new Write<bool>(session => Add(session, rows, drops, bounds), rows.Sum(row => row.Weight)), cancellation);

    public Task<QuarantineRow[]> ReadAsync(QuarantineQuery query, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            var found = new List<QuarantineRow>();
            long bytes = 0;
            using var rows = query switch
            {
                { Customer.Length: > 0 } => session.Prepare(NewestOfCustomer).Bind(query.Tenant).Bind(query.Customer).Bind(query.BeforeId).Bind(query.Max),
                { Code.Length: > 0 } => session.Prepare(NewestOfCode).Bind(query.Tenant).Bind(query.Code).Bind(query.BeforeId).Bind(query.Max),
                _ => session.Prepare(NewestOfAll).Bind(query.Tenant).Bind(query.BeforeId).Bind(query.Max),
            };
            while (bytes < query.BytesMax && rows.Step())
            {
                found.Add(ToRow(rows));
                bytes += found[^1].Raw.Length;
            }

            return found.ToArray();
        },
        cancellation);

    public Task<QuarantineRow[]> ReadWaitingAsync(string tenant, string code, long afterId, int max, CancellationToken cancellation) =>
        database.ReadAsync(
            session =>
            {
                var found = new List<QuarantineRow>();
                using var rows = session.Prepare(WaitingOfCode).Bind(tenant).Bind(code).Bind(afterId).Bind(max);
                while (rows.Step())
                    found.Add(ToRow(rows));
                return found.ToArray();
            },
            cancellation);

    public Task<QuarantineRow?> FindAsync(string tenant, long id, CancellationToken cancellation) => database.ReadAsync(
        session =>
        {
            using var row = session.Prepare(One).Bind(tenant).Bind(id);
            return row.Step() ? ToRow(row) : null;
        },
        cancellation);

    public Task RecordReplaysAsync(string tenant, QuarantineReplay[] replays, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            foreach (var replay in replays)
            {
                session.Prepare(
                    """
                    UPDATE quarantine SET status = ?, replays = replays + 1, replayed = ?, outcome_code = ?, outcome_detail = ?
                    WHERE tenant = ? AND id = ? AND status <> 2
                    """).Bind((long)replay.Status).Bind(replay.ReplayedMs).Bind(replay.Code).Bind(replay.Detail).Bind(tenant).Bind(replay.Id).Run();
            }
        },
        cancellation);

    public Task<QuarantineTally> ReadTallyAsync(string tenant, CancellationToken cancellation) =>
        database.ReadAsync(session => ReadTally(session, tenant), cancellation);

    public Task<int> EraseAsync(string tenant, string[] customers, CancellationToken cancellation) =>
        database.WriteAsync(session => Erase(session, tenant, customers), cancellation);

    public static int Erase(SqliteSession session, string tenant, string[] customers)
    {
        var tally = ReadTally(session, tenant);
        var before = tally.Rows;
        foreach (var customer in customers)
        {
            using (var sum = session.Prepare("SELECT count(*), ifnull(sum(length(raw)), 0) FROM quarantine WHERE tenant = ? AND customer = ?")
                .Bind(tenant).Bind(customer))
            {
                sum.Step();
                tally = tally with { Rows = tally.Rows - sum.Int32(0), Bytes = tally.Bytes - sum.Int64(1) - QuarantineRow.WeightOf(0) * sum.Int64(0) };
            }

            session.Prepare("DELETE FROM quarantine WHERE tenant = ? AND customer = ?").Bind(tenant).Bind(customer).Run();
        }

        if (tally.Rows != before)
            WriteTally(session, tenant, tally);
        return before - tally.Rows;
    }

    private bool Add(SqliteSession session, QuarantineRow[] rows, QuarantineDrop[] drops, QuarantineBounds bounds)
    {
        rows = Array.FindAll(rows, row => !IsErased(session, row.Customer));
        foreach (var tenant in rows.Select(row => row.Tenant).Concat(drops.Select(drop => drop.Tenant)).Distinct())
        {
            var tally = ReadTally(session, tenant);
            tally = tally with { Dropped = tally.Dropped + drops.Where(drop => drop.Tenant == tenant).Sum(drop => drop.Count) };
            foreach (var row in rows.Where(row => row.Tenant == tenant))
            {
                if (Insert(session, row))
                    tally = tally with { Rows = tally.Rows + 1, Bytes = tally.Bytes + row.Weight };
            }

            WriteTally(session, tenant, MakeRoom(session, tenant, tally, bounds));
        }

        return true;
    }

    private bool IsErased(SqliteSession session, string customer)
    {
        if (customer.Length == 0)
            return false;
        var hash = CustomerHash.Of(database.Journal.Identity.HashKey, customer).ToString("N");
        using var row = session.Prepare("SELECT 1 FROM erasure WHERE hash = ?").Bind(hash);
        return row.Step();
    }

    private static bool Insert(SqliteSession session, QuarantineRow row)
    {
        Span<byte> digest = stackalloc byte[16];
        row.Digest.TryWriteBytes(digest);
        if (session.Prepare("UPDATE quarantine SET times = times + 1 WHERE tenant = ? AND digest = ?").Bind(row.Tenant).Bind(digest).Run() > 0)
            return false;
        session.Prepare(
            """
            INSERT INTO quarantine(
                tenant, digest, customer, source, call, message_id, entry, code, detail, received, sent, length, raw,
                times, status, replays, replayed, outcome_code, outcome_detail)
            VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, 0, 0, '', '')
            """)
            .Bind(row.Tenant).Bind(digest).Bind(row.Customer).Bind(row.Source).Bind(row.Call).Bind(row.MessageId).Bind(row.Entry)
            .Bind(row.Code).Bind(row.Detail).Bind(row.ReceivedMs).Bind(row.SentMs).Bind(row.Length).Bind(row.Raw).Run();
        return true;
    }

    private static QuarantineTally MakeRoom(SqliteSession session, string tenant, QuarantineTally tally, QuarantineBounds bounds)
    {
        while (tally.Rows > bounds.RowsMax || tally.Bytes > bounds.BytesMax)
        {
            long last = 0;
            using (var oldest = session.Prepare("SELECT id, length(raw), status FROM quarantine WHERE tenant = ? ORDER BY id LIMIT 100").Bind(tenant))
            {
                while ((tally.Rows > bounds.RowsMax || tally.Bytes > bounds.BytesMax) && oldest.Step())
                {
                    last = oldest.Int64(0);
                    tally = new QuarantineTally(
                        tally.Rows - 1,
                        tally.Bytes - QuarantineRow.WeightOf(oldest.Int32(1)),
                        tally.Dropped + (oldest.Int32(2) == (int)QuarantineStatus.Replayed ? 0 : 1));
                }
            }

            if (last == 0)
                return new QuarantineTally(0, 0, tally.Dropped);
            session.Prepare("DELETE FROM quarantine WHERE tenant = ? AND id <= ?").Bind(tenant).Bind(last).Run();
        }

        return tally;
    }

    private static QuarantineTally ReadTally(SqliteSession session, string tenant)
    {
        using var row = session.Prepare("SELECT kept, bytes, dropped FROM quarantine_tally WHERE tenant = ?").Bind(tenant);
        return row.Step() ? new QuarantineTally(row.Int32(0), row.Int64(1), row.Int64(2)) : new QuarantineTally(0, 0, 0);
    }

    private static void WriteTally(SqliteSession session, string tenant, QuarantineTally tally) => session
        .Prepare("INSERT OR REPLACE INTO quarantine_tally(tenant, kept, bytes, dropped) VALUES(?, ?, ?, ?)")
        .Bind(tenant).Bind(tally.Rows).Bind(tally.Bytes).Bind(tally.Dropped).Run();

    private static QuarantineRow ToRow(SqliteStatement row) => new(
        row.Int64(0), row.Text(1), new Guid(row.Blob(2)), row.Text(3), row.Text(4), row.Text(5), row.Text(6), row.Text(7), row.Text(8), row.Text(9),
        row.Int64(10), row.Int64(11), row.Int32(12), row.Blob(13).ToArray())
    {
        Times = row.Int32(14),
        Status = (QuarantineStatus)row.Int32(15),
        Replays = row.Int32(16),
        ReplayedMs = row.Int64(17),
        OutcomeCode = row.Text(18),
        OutcomeDetail = row.Text(19),
    };
}
