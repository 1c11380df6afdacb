using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>Where the database is and how much it may take. Every bound is checked when the database is opened.</summary>
public sealed class SqliteJournalOptions
{
    public const int PartitionsMax = 1024;
    public const int PartitionsDefault = 8;

    /// <summary>Data directory. Made with mode 0700 when it is missing; one that exists keeps its mode. The files in it are 0600.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Number of partitions, fixed when the database is made: 1 to 1,024. Null: 8 for a new database, whatever it has for an
    /// existing one. A number that differs from the existing one refuses to open.
    /// </summary>
    public int? Partitions { get; init; }

    /// <summary>
    /// Writes that may wait for the next transaction; further ones wait to be let in. 1 to 100,000, default 1,024: each of at most 1,024
    /// partitions has one under way.
    /// </summary>
    public int WaitingWritesMax { get; init; } = 1024;

    /// <summary>
    /// Bytes of entries and snapshots that one transaction takes before the rest waits for the next. 64 KiB to 1 GiB, default 8 MiB: about
    /// 50 ms of writing, so that the first in line does not wait longer.
    /// </summary>
    public int TransactionBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// While commits take less than this, an append that finds nobody writing is written by its sender, whose thread it blocks so long. 0 to 1
    /// minute, default 1 ms: to hand it to the writer's thread and its answer back takes a tenth of that. 0: never.
    /// </summary>
    public TimeSpan QuickCommit { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Payload bytes after which one read of entries stops and leaves the rest to the next. 64 KiB to 1 GiB, default 16 MiB: bounds the
    /// memory of a replay, whatever the size of the payloads.
    /// </summary>
    public int ReadBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>Connections that read at the same time. 1 to 64, default 4: reads are short and the cores are few.</summary>
    public int ReadersMax { get; init; } = 4;

    /// <summary>Page cache of the writing connection in KiB. 1 MiB to 16 GiB, default 64 MiB: the upper pages of the indexes.</summary>
    public int WriterCacheKib { get; init; } = 64 * 1024;

    /// <summary>Page cache of each reading connection in KiB. 1 MiB to 16 GiB, default 8 MiB.</summary>
    public int ReaderCacheKib { get; init; } = 8 * 1024;

    /// <summary>
    /// Size of the write-ahead log in KiB at which its pages are moved into the database. 64 KiB to 4 GiB, default 32 MiB: larger moves a
    /// page less often but makes the one commit that pays for it slower.
    /// </summary>
    public int CheckpointKib { get; init; } = 32 * 1024;

    /// <summary>
    /// How long opening waits for the process that holds the directory. 0 to 5 minutes, default 0: the lock goes with its process, so who
    /// holds it is alive, and most who meet it have started a second server by mistake.
    /// </summary>
    public TimeSpan ExclusiveWait { get; init; }

    /// <summary>How long a statement waits for a lock of another process, such as a backup. 0 to 1 minute, default 5 seconds.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Tests upgrade with plans of their own.</summary>
    internal SchemaPlan Plan { get; init; } = Schema.Plan;

    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Check()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        CheckRange(Partitions ?? PartitionsDefault, 1, PartitionsMax, nameof(Partitions));
        CheckRange(WaitingWritesMax, 1, 100_000, nameof(WaitingWritesMax));
        CheckRange(TransactionBytesMax, 64 << 10, 1 << 30, nameof(TransactionBytesMax));
        CheckRange((long)QuickCommit.TotalMilliseconds, 0, 60_000, nameof(QuickCommit));
        CheckRange(ReadBytesMax, 64 << 10, 1 << 30, nameof(ReadBytesMax));
        CheckRange(ReadersMax, 1, 64, nameof(ReadersMax));
        CheckRange(WriterCacheKib, 1 << 10, 16 << 20, nameof(WriterCacheKib));
        CheckRange(ReaderCacheKib, 1 << 10, 16 << 20, nameof(ReaderCacheKib));
        CheckRange(CheckpointKib, 64, 4 << 20, nameof(CheckpointKib));
        CheckRange((long)ExclusiveWait.TotalMilliseconds, 0, 300_000, nameof(ExclusiveWait));
        CheckRange((long)BusyTimeout.TotalMilliseconds, 0, 60_000, nameof(BusyTimeout));
    }

    private static void CheckRange(long value, long min, long max, string name)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {min} to {max}.");
    }
}
