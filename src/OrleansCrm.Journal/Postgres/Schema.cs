using System.Security.Cryptography;
using Npgsql;
using OrleansCrm.Journal.Formats;
using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>The tables, their making, and the check that they are of a version that this program understands.</summary>
internal static class Schema
{
    public const int Version = 4;

    /// <inheritdoc cref="Sqlite.Schema.Plan"/>
    public static readonly SchemaPlan Plan = new(Version, FinishedAlerts);

    // Of version 3. Head and checkpoint stand in two rows, each with the epoch: a flush holds its row for the length of a transaction with hundreds of
    // snapshots, and appends must not wait for it. Both are updated in place all the time: nearly empty pages keep that within one page.
    // Keys compare by bytes, whatever the locale of the server.
    private const string Tables = """
        CREATE SCHEMA IF NOT EXISTS orleanscrm;
        CREATE TABLE orleanscrm.journal(version int NOT NULL, database_id uuid NOT NULL, partitions int NOT NULL, hash_key text NOT NULL);
        CREATE TABLE orleanscrm.partition(
            id int PRIMARY KEY, epoch bigint NOT NULL, head bigint NOT NULL, last_recorded bigint NOT NULL) WITH (fillfactor = 20);
        CREATE TABLE orleanscrm.progress(
            id int PRIMARY KEY, epoch bigint NOT NULL, checkpoint bigint NOT NULL, strands bigint NOT NULL) WITH (fillfactor = 20);
        CREATE TABLE orleanscrm.block(
            partition int NOT NULL, first_offset bigint NOT NULL, count int NOT NULL, checksum bigint NOT NULL, data bytea NOT NULL,
            PRIMARY KEY(partition, first_offset));
        CREATE TABLE orleanscrm.wide(partition int NOT NULL, entry_offset bigint NOT NULL, PRIMARY KEY(partition, entry_offset));
        CREATE TABLE orleanscrm.fault(
            partition int NOT NULL, entry_offset bigint NOT NULL, customer text NOT NULL, error text NOT NULL, build text NOT NULL,
            recorded bigint NOT NULL, PRIMARY KEY(partition, entry_offset, customer));
        CREATE TABLE orleanscrm.snapshot(
            partition int NOT NULL, customer text COLLATE "C" NOT NULL, covered bigint NOT NULL, next_wake bigint NOT NULL,
            import text COLLATE "C" NOT NULL, phase text NOT NULL, tier text NOT NULL, risk bigint NOT NULL, orders bigint NOT NULL,
            revenue bigint NOT NULL, last_seen bigint NOT NULL, segments text NOT NULL, campaign text NOT NULL, owner text NOT NULL, sums bytea NOT NULL,
            state bytea NOT NULL, PRIMARY KEY(partition, customer));
        CREATE INDEX snapshot_wake ON orleanscrm.snapshot(partition, next_wake) WHERE next_wake > 0;
        CREATE TABLE orleanscrm.strand(
            partition int NOT NULL, row bigint NOT NULL, customer text COLLATE "C" NOT NULL, last_offset bigint NOT NULL,
            offsets bytea NOT NULL, messages bytea NOT NULL, outcomes bytea NOT NULL, PRIMARY KEY(partition, row), UNIQUE(partition, customer, last_offset));
        CREATE TABLE orleanscrm.outbox(
            partition int NOT NULL, entry_offset bigint NOT NULL, idx int NOT NULL, desk text NOT NULL, alert_id text NOT NULL,
            finished boolean NOT NULL, rank bigint NOT NULL, alert bytea NOT NULL, customer text NOT NULL,
            type text NOT NULL, time bigint NOT NULL, payload bytea NOT NULL, PRIMARY KEY(partition, entry_offset, idx));
        CREATE TABLE orleanscrm.metric_sum(
            tenant text COLLATE "C" NOT NULL, metric text COLLATE "C" NOT NULL, partition int NOT NULL, value bigint NOT NULL,
            PRIMARY KEY(tenant, metric, partition));
        CREATE TABLE orleanscrm.desk(desk text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL);
        CREATE TABLE orleanscrm.desk_sender(
            desk text COLLATE "C" NOT NULL, partition int NOT NULL, entry_offset bigint NOT NULL, idx int NOT NULL,
            PRIMARY KEY(desk, partition));
        CREATE TABLE orleanscrm.alert_change(
            desk text COLLATE "C" NOT NULL, sequence bigint NOT NULL, alert_id text COLLATE "C" NOT NULL, alert bytea NOT NULL,
            PRIMARY KEY(desk, sequence));
        CREATE TABLE orleanscrm.alert_open(
            desk text COLLATE "C" NOT NULL, alert_id text COLLATE "C" NOT NULL, rank bigint NOT NULL, alert bytea NOT NULL,
            PRIMARY KEY(desk, alert_id));
        CREATE INDEX alert_open_rank ON orleanscrm.alert_open(desk, rank DESC, alert_id);
        CREATE TABLE orleanscrm.erasure(
            partition int NOT NULL, hash text COLLATE "C" NOT NULL, customer text COLLATE "C" NOT NULL, requested bigint NOT NULL,
            done bigint NOT NULL, stores text NOT NULL, PRIMARY KEY(partition, hash));
        CREATE INDEX erasure_hash ON orleanscrm.erasure(hash);
        CREATE TABLE orleanscrm.tenant(
            id text COLLATE "C" PRIMARY KEY, name text NOT NULL, created bigint NOT NULL, disabled boolean NOT NULL);
        CREATE TABLE orleanscrm.access_revision(value bigint NOT NULL);
        INSERT INTO orleanscrm.access_revision VALUES(0);
        CREATE TABLE orleanscrm.api_key(
            tenant text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, kind text NOT NULL, secret_hash text NOT NULL UNIQUE,
            scopes text[] NOT NULL, name text NOT NULL, created bigint NOT NULL, expires bigint NOT NULL, last_used bigint NOT NULL,
            PRIMARY KEY(tenant, id));
        CREATE TABLE orleanscrm.account(
            id text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL, email text NOT NULL,
            email_folded text COLLATE "C" NOT NULL UNIQUE, password_hash text NOT NULL, role text NOT NULL, created bigint NOT NULL,
            disabled boolean NOT NULL);
        CREATE TABLE orleanscrm.session(
            token_hash text COLLATE "C" PRIMARY KEY, tenant text NOT NULL, user_id text NOT NULL, email text NOT NULL,
            role text NOT NULL, expires bigint NOT NULL);
        CREATE TABLE orleanscrm.quarantine(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, digest uuid NOT NULL,
            customer text COLLATE "C" NOT NULL, source text NOT NULL, call text NOT NULL, message_id text NOT NULL, entry text NOT NULL,
            code text COLLATE "C" NOT NULL, detail text NOT NULL, received bigint NOT NULL, sent bigint NOT NULL, length int NOT NULL,
            raw bytea NOT NULL, times int NOT NULL, status int NOT NULL, replays int NOT NULL, replayed bigint NOT NULL,
            outcome_code text NOT NULL, outcome_detail text NOT NULL, UNIQUE(tenant, digest));
        CREATE INDEX quarantine_order ON orleanscrm.quarantine(tenant, id);
        CREATE INDEX quarantine_code ON orleanscrm.quarantine(tenant, code, id);
        CREATE INDEX quarantine_customer ON orleanscrm.quarantine(tenant, customer) WHERE customer <> '';
        CREATE TABLE orleanscrm.quarantine_tally(
            tenant text COLLATE "C" PRIMARY KEY, kept int NOT NULL, bytes bigint NOT NULL, dropped bigint NOT NULL);
        CREATE TABLE orleanscrm.customer_token(
            token_hash text COLLATE "C" PRIMARY KEY, tenant text NOT NULL, key_id text NOT NULL, scopes text[] NOT NULL,
            expires bigint NOT NULL);
        CREATE INDEX customer_token_expires ON orleanscrm.customer_token(expires);
        CREATE TABLE orleanscrm.audit(
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, time bigint NOT NULL, actor text NOT NULL,
            action text NOT NULL, target text NOT NULL, detail text NOT NULL);
        CREATE INDEX audit_tenant ON orleanscrm.audit(tenant, id);
        CREATE INDEX audit_time ON orleanscrm.audit(time);

        """;

    private const string FinishedAlerts = """
        CREATE TABLE orleanscrm.alert_finished(
            tenant text COLLATE "C" NOT NULL, finished bigint NOT NULL, alert_id text COLLATE "C" NOT NULL, desk text NOT NULL,
            kind text NOT NULL, severity text NOT NULL, resolved boolean NOT NULL, outcome text NOT NULL, agent text NOT NULL,
            recorded bigint NOT NULL, taken bigint NOT NULL, due bigint NOT NULL, PRIMARY KEY(tenant, finished, alert_id));

        """;

    // Blocks of 33 KiB, one connection: lz4 240-310k events/s, no compression 190-210k (more log to write), the default 110-130k (2026-11-21).
    private const string Compression = """
        ALTER TABLE orleanscrm.block ALTER COLUMN data SET COMPRESSION lz4;
        ALTER TABLE orleanscrm.snapshot ALTER COLUMN state SET COMPRESSION lz4;
        ALTER TABLE orleanscrm.strand ALTER COLUMN messages SET STORAGE EXTERNAL;
        """;

    private const string NoCompression = """
        ALTER TABLE orleanscrm.block ALTER COLUMN data SET STORAGE EXTERNAL;
        ALTER TABLE orleanscrm.strand ALTER COLUMN messages SET STORAGE EXTERNAL;
        """;

    /// <summary>
    /// Makes the tables where there are none, or brings those of an older version to the plan's, in one transaction; processes that start
    /// together do it one after the other.
    /// </summary>
    /// <exception cref="JournalOpenException">The tables are of a newer version or have another number of partitions.</exception>
    public static async Task<JournalIdentity> PrepareAsync(
        NpgsqlConnection connection, string database, int? partitions, SchemaPlan plan, CancellationToken cancellation)
    {
        var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var session = new PostgresSession(connection);
            await session.RunAsync("SELECT pg_advisory_xact_lock($1, $2)", Value(ServerLock.Class), Value(ServerLock.Upgrade))
                .ConfigureAwait(false);
            var identity = await ReadAsync(session, database, plan, mayUpgrade: true, cancellation).ConfigureAwait(false)
                ?? await CreateAsync(session, database, partitions ?? PostgresJournalOptions.PartitionsDefault).ConfigureAwait(false);
            if (partitions is { } wanted && wanted != identity.Partitions)
            {
                throw new JournalOpenException(
                    $"The {database} was made with {identity.Partitions} partitions and cannot be opened with {wanted}.");
            }

            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
            return identity;
        }
    }

    /// <exception cref="JournalOpenException">There are no tables, or they are of a version that this program does not know.</exception>
    public static async Task<JournalIdentity> CheckAsync(NpgsqlConnection connection, string database, SchemaPlan plan, CancellationToken cancellation) =>
        await ReadAsync(new PostgresSession(connection), database, plan, mayUpgrade: false, cancellation).ConfigureAwait(false)
            ?? throw new JournalOpenException($"There is no journal in {database}.") { IsAbsent = true };

    /// <summary>Makes the tables of a version within the transaction under way, to be filled with those of another database.</summary>
    /// <exception cref="JournalOpenException">There are tables already.</exception>
    public static async Task CreateEmptyAsync(PostgresSession session, string database, int version)
    {
        var found = await session.ReadAsync(row => row.GetBoolean(0), "SELECT to_regclass('orleanscrm.journal') IS NOT NULL").ConfigureAwait(false);
        if (found[0])
            throw new JournalOpenException($"There is a journal in {database} already. A backup is restored into an empty place.");
        await CreateTablesAsync(session, database, version).ConfigureAwait(false);
    }

    /// <summary>Brings tables of that version to the plan's within the transaction under way.</summary>
    public static async Task UpgradeAsync(PostgresSession session, SchemaPlan plan, int version)
    {
        foreach (var step in plan.StepsFrom(version).ToArray())
            await session.ExecuteAsync(step).ConfigureAwait(false);
        await session.RunAsync("UPDATE orleanscrm.journal SET version = $1", Value(plan.Version)).ConfigureAwait(false);
    }

    private static async Task<JournalIdentity?> ReadAsync(
        PostgresSession session, string database, SchemaPlan plan, bool mayUpgrade, CancellationToken cancellation)
    {
        var found = await session.ReadAsync(
            row => row.GetBoolean(0), cancellation, Statement("SELECT to_regclass('orleanscrm.journal') IS NOT NULL")).ConfigureAwait(false);
        if (!found[0])
            return null;
        var versions = await session.ReadAsync(
            row => row.GetInt32(0), cancellation, Statement("SELECT version FROM orleanscrm.journal")).ConfigureAwait(false);
        if (versions is not [var version])
            throw new JournalOpenException($"The journal in {database} is damaged: it has {versions.Length} versions. It was left as it is.");
        plan.Require(version, $"The journal in {database}", mayUpgrade);
        if (version < plan.Version)
            await UpgradeAsync(session, plan, version).ConfigureAwait(false);

        var identities = await session.ReadAsync(
            row => (Id: row.GetGuid(0), Partitions: row.GetInt32(1), Rows: row.GetInt64(2), HashKey: row.GetString(3)),
            cancellation,
            Statement(
                """
                SELECT database_id, partitions, (SELECT count(*) FROM orleanscrm.partition JOIN orleanscrm.progress USING (id)), hash_key
                FROM orleanscrm.journal
                """)).ConfigureAwait(false);
        var (id, partitions, rows, hashKey) = identities[0];
        return partitions == rows
            ? new JournalIdentity(partitions, plan.Version, id) { HashKey = hashKey }
            : throw new JournalOpenException($"The journal in {database} is damaged: its list of partitions is incomplete. It was left as it is.");
    }

    private static async Task CreateTablesAsync(PostgresSession session, string database, int version)
    {
        var encoding = await session.ReadAsync(row => row.GetString(0), "SELECT current_setting('server_encoding')").ConfigureAwait(false);
        if (encoding is not ["UTF8"])
            throw new JournalOpenException($"The {database} has the encoding {encoding[0]}; a journal needs UTF8.");
        var hasCompression = await session.ReadAsync(
            row => row.GetBoolean(0),
            "SELECT EXISTS(SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals))").ConfigureAwait(false);
        await session.ExecuteAsync(Tables + (hasCompression[0] ? Compression : NoCompression)).ConfigureAwait(false);
        foreach (var step in Plan.StepsTo(version).ToArray())
            await session.ExecuteAsync(step).ConfigureAwait(false);
    }

    private static async Task<JournalIdentity> CreateAsync(PostgresSession session, string database, int partitions)
    {
        await CreateTablesAsync(session, database, Version).ConfigureAwait(false);
        var id = Guid.NewGuid();
        var hashKey = RandomNumberGenerator.GetHexString(64);
        await session.RunAsync(
            Statement(
                "INSERT INTO orleanscrm.journal(version, database_id, partitions, hash_key) VALUES($1, $2, $3, $4)",
                Value(Version), Value(id), Value(partitions), Value(hashKey)),
            Statement("INSERT INTO orleanscrm.partition SELECT id, 0, 0, 0 FROM generate_series(0, $1 - 1) id", Value(partitions)),
            Statement("INSERT INTO orleanscrm.progress SELECT id, 0, 0, 0 FROM generate_series(0, $1 - 1) id", Value(partitions)))
            .ConfigureAwait(false);
        return new JournalIdentity(partitions, Version, id) { HashKey = hashKey };
    }
}
