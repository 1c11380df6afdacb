using System.Security.Cryptography;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>The tables, their making, and the check that a file is a journal that this program understands.</summary>
internal static class Schema
{
    public const int Version = 4;

    /// <summary>Of versions before 3, which were never released, nothing is kept, so there is no way from them.</summary>
    public static readonly SchemaPlan Plan = new(Version, FinishedAlerts);

    /// <summary>"OCRM" in the header of the file says whose it is.</summary>
    private const int ApplicationId = 0x4f43524d;

    // Of version 3. Blocks have an index of their own instead of the position as row id: all partitions then append at the one end of the table. Row ids
    // by partition made SQLite rearrange large neighbours in the middle of the tree, for a fifth more time (measured with 8 partitions).
    private const string Tables = """
        CREATE TABLE journal(database_id BLOB NOT NULL, partitions INTEGER NOT NULL, hash_key TEXT NOT NULL) STRICT;
        CREATE TABLE partition(
            id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, head INTEGER NOT NULL, checkpoint INTEGER NOT NULL,
            last_recorded INTEGER NOT NULL, strands INTEGER NOT NULL) STRICT;
        CREATE TABLE block(
            id INTEGER PRIMARY KEY, position INTEGER NOT NULL UNIQUE, count INTEGER NOT NULL, checksum INTEGER NOT NULL,
            data BLOB NOT NULL) STRICT;
        CREATE TABLE wide(position INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE fault(
            position INTEGER NOT NULL, customer TEXT NOT NULL, error TEXT NOT NULL, build TEXT NOT NULL,
            recorded INTEGER NOT NULL, PRIMARY KEY(position, customer)) STRICT;
        CREATE TABLE snapshot(
            id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, customer TEXT NOT NULL, covered INTEGER NOT NULL,
            next_wake INTEGER NOT NULL, import TEXT NOT NULL, phase TEXT NOT NULL, tier TEXT NOT NULL, risk INTEGER NOT NULL,
            orders INTEGER NOT NULL, revenue INTEGER NOT NULL, last_seen INTEGER NOT NULL, segments TEXT NOT NULL,
            campaign TEXT NOT NULL, owner TEXT NOT NULL, sums BLOB NOT NULL, state BLOB NOT NULL, UNIQUE(partition, customer)) STRICT;
        CREATE INDEX snapshot_wake ON snapshot(partition, next_wake, import) WHERE next_wake > 0;
        CREATE TABLE strand(
            position INTEGER PRIMARY KEY, partition INTEGER NOT NULL, customer TEXT NOT NULL, last_offset INTEGER NOT NULL,
            offsets BLOB NOT NULL, messages BLOB NOT NULL, outcomes BLOB NOT NULL, UNIQUE(partition, customer, last_offset)) STRICT;
        CREATE TABLE outbox(
            partition INTEGER NOT NULL, entry_offset INTEGER NOT NULL, idx INTEGER NOT NULL, desk TEXT NOT NULL, alert_id TEXT NOT NULL,
            finished INTEGER NOT NULL, rank INTEGER NOT NULL, alert BLOB NOT NULL, customer TEXT NOT NULL, type TEXT NOT NULL,
            time INTEGER NOT NULL, payload BLOB NOT NULL, UNIQUE(partition, entry_offset, idx)) STRICT;
        CREATE TABLE metric_sum(
            tenant TEXT NOT NULL, metric TEXT NOT NULL, partition INTEGER NOT NULL, value INTEGER NOT NULL,
            PRIMARY KEY(tenant, metric, partition)) STRICT, WITHOUT ROWID;
        CREATE TABLE desk(desk TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE desk_sender(
            desk TEXT NOT NULL, partition INTEGER NOT NULL, entry_offset INTEGER NOT NULL, idx INTEGER NOT NULL,
            PRIMARY KEY(desk, partition)) STRICT, WITHOUT ROWID;
        CREATE TABLE alert_change(
            desk TEXT NOT NULL, sequence INTEGER NOT NULL, alert_id TEXT NOT NULL, alert BLOB NOT NULL, UNIQUE(desk, sequence)) STRICT;
        CREATE TABLE alert_open(
            desk TEXT NOT NULL, alert_id TEXT NOT NULL, rank INTEGER NOT NULL, alert BLOB NOT NULL, UNIQUE(desk, alert_id)) STRICT;
        CREATE INDEX alert_open_rank ON alert_open(desk, rank DESC, alert_id);
        CREATE TABLE erasure(
            partition INTEGER NOT NULL, hash TEXT NOT NULL, customer TEXT NOT NULL, requested INTEGER NOT NULL, done INTEGER NOT NULL,
            stores TEXT NOT NULL, PRIMARY KEY(partition, hash)) STRICT, WITHOUT ROWID;
        CREATE INDEX erasure_hash ON erasure(hash);
        CREATE TABLE tenant(id TEXT PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL, disabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE access_revision(value INTEGER NOT NULL) STRICT;
        INSERT INTO access_revision VALUES(0);
        CREATE TABLE api_key(
            tenant TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, secret_hash TEXT NOT NULL UNIQUE, scopes TEXT NOT NULL,
            name TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, last_used INTEGER NOT NULL,
            PRIMARY KEY(tenant, id)) STRICT, WITHOUT ROWID;
        CREATE TABLE account(
            id TEXT PRIMARY KEY, tenant TEXT NOT NULL, email TEXT NOT NULL, email_folded TEXT NOT NULL UNIQUE,
            password_hash TEXT NOT NULL, role TEXT NOT NULL, created INTEGER NOT NULL, disabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE session(
            token_hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, user_id TEXT NOT NULL, email TEXT NOT NULL, role TEXT NOT NULL,
            expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE quarantine(
            id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, digest BLOB NOT NULL, customer TEXT NOT NULL, source TEXT NOT NULL,
            call TEXT NOT NULL, message_id TEXT NOT NULL, entry TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
            received INTEGER NOT NULL, sent INTEGER NOT NULL, length INTEGER NOT NULL, raw BLOB NOT NULL, times INTEGER NOT NULL,
            status INTEGER NOT NULL, replays INTEGER NOT NULL, replayed INTEGER NOT NULL, outcome_code TEXT NOT NULL,
            outcome_detail TEXT NOT NULL, UNIQUE(tenant, digest)) STRICT;
        CREATE INDEX quarantine_order ON quarantine(tenant, id);
        CREATE INDEX quarantine_code ON quarantine(tenant, code, id);
        CREATE INDEX quarantine_customer ON quarantine(tenant, customer) WHERE customer <> '';
        CREATE TABLE quarantine_tally(
            tenant TEXT PRIMARY KEY, kept INTEGER NOT NULL, bytes INTEGER NOT NULL, dropped INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE customer_token(
            token_hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, key_id TEXT NOT NULL, scopes TEXT NOT NULL, expires INTEGER NOT NULL)
            STRICT, WITHOUT ROWID;
        CREATE INDEX customer_token_expires ON customer_token(expires);
        CREATE TABLE audit(
            id INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, time INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
            target TEXT NOT NULL, detail TEXT NOT NULL) STRICT;
        CREATE INDEX audit_tenant ON audit(tenant, id);
        CREATE INDEX audit_time ON audit(time);
        """;

    private const string FinishedAlerts = """
        CREATE TABLE alert_finished(
            tenant TEXT NOT NULL, finished INTEGER NOT NULL, alert_id TEXT NOT NULL, desk TEXT NOT NULL, kind TEXT NOT NULL,
            severity TEXT NOT NULL, resolved INTEGER NOT NULL, outcome TEXT NOT NULL, agent TEXT NOT NULL, recorded INTEGER NOT NULL,
            taken INTEGER NOT NULL, due INTEGER NOT NULL, PRIMARY KEY(tenant, finished, alert_id)) STRICT, WITHOUT ROWID;
        """;

    /// <summary>
    /// Makes the database beside its place and moves it there when it is whole: a crash leaves either no database or a good one.
    /// </summary>
    public static void Create(DataFiles files, int partitions, Guid databaseId)
    {
        foreach (var leftover in new[] { files.NewDatabase, files.NewDatabase + "-journal" })
            File.Delete(leftover);
        DataFiles.OpenOwn(files.NewDatabase).Dispose();
        using (var session = SqliteSession.Open(files.NewDatabase, readOnly: false, TimeSpan.Zero))
        {
            // Measured with blocks of 0.4, 33 and 128 KiB: 8 KiB pages were the best or close to it in every case.
            session.Execute("PRAGMA page_size = 8192; PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
            session.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}");
            session.Execute(Tables);
            foreach (var step in Plan.StepsTo(Version))
                session.Execute(step);
            session.Prepare("INSERT INTO journal(database_id, partitions, hash_key) VALUES(?, ?, ?)")
                .Bind(databaseId.ToByteArray(bigEndian: true)).Bind(partitions).Bind(RandomNumberGenerator.GetHexString(64)).Run();
            for (var id = 0; id < partitions; id++)
                session.Prepare("INSERT INTO partition VALUES(?, 0, 0, 0, 0, 0)").Bind(id).Run();
            session.Execute("COMMIT");
        }

        // The new name is durable with the first commit: SQLite syncs the directory when it makes the write-ahead log.
        File.Move(files.NewDatabase, files.Database);
    }

    /// <summary>Refuses what is not a whole journal of a version that this program knows, and changes nothing in it then.</summary>
    /// <param name="mayUpgrade">Tables of an older version are brought to the plan's first; nobody else may have them open for writing.</param>
    /// <exception cref="JournalOpenException">It cannot be used; the message says why, and what to do.</exception>
    public static JournalIdentity Check(DataFiles files, TimeSpan busyTimeout, SchemaPlan plan, bool mayUpgrade)
    {
        try
        {
            var version = CheckFile(files, busyTimeout, plan, mayUpgrade);
            if (version < plan.Version)
                Upgrade(files, busyTimeout, plan, version);
            using var session = SqliteSession.Open(files.Database, readOnly: true, busyTimeout);
            return ReadIdentity(session, files, plan.Version);
        }
        catch (SqliteFailure failure)
        {
            throw new JournalOpenException(
                failure.IsDamage
                    ? $"'{files.Database}' is damaged or no database: {failure.Message}. It was left as it is."
                    : $"'{files.Database}' cannot be opened: {failure.Message}.",
                failure);
        }
    }

    private static long CheckFile(DataFiles files, TimeSpan busyTimeout, SchemaPlan plan, bool mayUpgrade)
    {
        using var session = SqliteSession.Open(files.Database, readOnly: true, busyTimeout);
        if (session.Int64("PRAGMA application_id") != ApplicationId)
            throw new JournalOpenException($"'{files.Database}' is not a journal of OrleansCrm. It was left as it is.");
        var version = session.Int64("PRAGMA user_version");
        plan.Require(version, $"'{files.Database}'", mayUpgrade);

        // Pages that a crash has kept out of the database are in the log; without a log the file must be whole.
        var bytes = session.Int64("PRAGMA page_count") * session.Int64("PRAGMA page_size");
        var hasLog = new FileInfo(files.WriteAheadLog) is { Exists: true, Length: > 0 };
        var length = new FileInfo(files.Database).Length;
        if (!hasLog && length < bytes)
            throw new JournalOpenException($"'{files.Database}' is damaged: it has {length} of {bytes} bytes. It was left as it is.");
        return version;
    }

    /// <summary>One transaction: a crash leaves the old tables or the new ones.</summary>
    private static void Upgrade(DataFiles files, TimeSpan busyTimeout, SchemaPlan plan, long version)
    {
        using var session = SqliteSession.Open(files.Database, readOnly: false, busyTimeout);
        session.Execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
        foreach (var step in plan.StepsFrom(version))
            session.Execute(step);
        session.Execute($"PRAGMA user_version = {plan.Version}; COMMIT");
    }

    private static JournalIdentity ReadIdentity(SqliteSession session, DataFiles files, int version)
    {
        using var row = session.Prepare("SELECT database_id, partitions, (SELECT count(*) FROM partition), hash_key FROM journal");
        if (!row.Step() || row.Blob(0).Length != 16 || row.Int64(1) != row.Int64(2))
            throw new JournalOpenException($"'{files.Database}' is damaged: its list of partitions is incomplete. It was left as it is.");
        return new JournalIdentity(row.Int32(1), version, new Guid(row.Blob(0), bigEndian: true)) { HashKey = row.Text(3) };
    }
}
