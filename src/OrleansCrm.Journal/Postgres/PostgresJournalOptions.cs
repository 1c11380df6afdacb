using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Postgres;

/// <summary>Which database and how much it may take. Every bound is checked when the database is opened.</summary>
public sealed class PostgresJournalOptions
{
    public const int PartitionsMax = 1024;
    public const int PartitionsDefault = 64;
    public static readonly TimeSpan ExclusiveWaitDefault = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Connection string of Npgsql (<c>Host=...;Database=...;Username=...</c>). Sizes of pools and buffers, time limits, preparation and
    /// keep-alive in it give way to the options here.
    /// </summary>
    public required string ConnectionString { get; init; }

    /// <summary>
    /// Number of partitions, fixed when the tables are made: 1 to 1,024. Null: 64 for new tables, so that the partitions of a grown
    /// installation spread over several machines; whatever there is for existing ones. A number that differs from that refuses to open.
    /// </summary>
    public int? Partitions { get; init; }

    /// <summary>
    /// Whether this process is the only one that may write. It then holds a lock of the database and a second process is refused. Without
    /// it several processes share the database, and the epochs of the partitions alone fence them. Default false.
    /// </summary>
    public bool Exclusive { get; init; }

    /// <summary>
    /// How long opening waits for the lock of another process. 0 to 5 minutes, default 6 seconds: the server gives the lock of a process
    /// that was killed free at once, and after 5 seconds that of a machine that vanished.
    /// </summary>
    public TimeSpan ExclusiveWait { get; init; } = ExclusiveWaitDefault;

    /// <summary>
    /// Connections that append, each with its share of the partitions. 1 to 32, default 2: while one waits for the disk the other is
    /// filled; more only make each transaction smaller.
    /// </summary>
    public int AppendersMax { get; init; } = 2;

    /// <summary>Connections for all other writes: flushes, desks, accounts. 1 to 64, default 4: a flush keeps a core of the server busy.</summary>
    public int WritersMax { get; init; } = 4;

    /// <summary>Connections that read at the same time. 1 to 64, default 4: reads are short and the cores are few.</summary>
    public int ReadersMax { get; init; } = 4;

    /// <summary>
    /// Appends that may wait for the next transaction of their connection; further ones wait to be let in. 1 to 100,000, default 1,024: each
    /// of at most 1,024 partitions has one under way.
    /// </summary>
    public int WaitingAppendsMax { get; init; } = 1024;

    /// <summary>
    /// Bytes of entries that one transaction takes before the rest waits for the next. 64 KiB to 256 MiB, default 4 MiB: some 50 ms of
    /// writing, so that the first in line does not wait longer.
    /// </summary>
    public int TransactionBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Stored bytes after which one read of entries stops and leaves the rest to the next. 64 KiB to 1 GiB, default 16 MiB: bounds the
    /// memory of a replay, whatever the size of the payloads.
    /// </summary>
    public int ReadBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long to wait for a connection: for the server to answer, or for one of the pool to be free. 1 second to 5 minutes, default 10
    /// seconds.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a statement may take before it counts as failed with an unknown outcome. 1 second to 10 minutes, default 15 seconds: beyond
    /// the checkpoint of a slow disk, below the patience of a client.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long making or upgrading the tables may take. 1 second to 1 day, default 10 minutes.
    /// </summary>
    public TimeSpan UpgradeTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Tests upgrade with plans of their own.</summary>
    internal SchemaPlan Plan { get; init; } = Schema.Plan;

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ConnectionString);
        CheckRange(Partitions ?? PartitionsDefault, 1, PartitionsMax, nameof(Partitions));
        CheckSeconds(ExclusiveWait, 0, 300, nameof(ExclusiveWait));
        CheckRange(AppendersMax, 1, 32, nameof(AppendersMax));
        CheckRange(WritersMax, 1, 64, nameof(WritersMax));
        CheckRange(ReadersMax, 1, 64, nameof(ReadersMax));
        CheckRange(WaitingAppendsMax, 1, 100_000, nameof(WaitingAppendsMax));
        CheckRange(TransactionBytesMax, 64 << 10, 256 << 20, nameof(TransactionBytesMax));
        CheckRange(ReadBytesMax, 64 << 10, 1 << 30, nameof(ReadBytesMax));
        CheckSeconds(ConnectTimeout, 1, 300, nameof(ConnectTimeout));
        CheckSeconds(CommandTimeout, 1, 600, nameof(CommandTimeout));
        CheckSeconds(UpgradeTimeout, 1, 86_400, nameof(UpgradeTimeout));
    }

    private static void CheckSeconds(TimeSpan value, int min, int max, string name)
    {
        if (value < TimeSpan.FromSeconds(min) || value > TimeSpan.FromSeconds(max))
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max} seconds.");
    }

    private static void CheckRange(long value, long min, long max, string name)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max}.");
    }
}
