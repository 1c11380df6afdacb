using System.ComponentModel.DataAnnotations;

namespace OrleansCrm.Grains.Partitions;

/// <summary>The bounds of a partition.</summary>
public sealed class PartitionOptions
{
    /// <summary>Entries that may wait for a commit before senders are told to come back later. More only adds waiting.</summary>
    [Range(100, 1_000_000)]
    public int WaitingEntriesMax { get; set; } = 20_000;

    /// <summary>Entries of one commit. Beyond a few thousand a commit gains nothing and every sender in it waits for the last.</summary>
    [Range(1, 100_000)]
    public int CommitEntriesMax { get; set; } = 4_000;

    /// <summary>Entries that a restart may have to replay before ingest is held back: about 15 seconds of replay.</summary>
    [Range(1_000, 100_000_000)]
    public long ReplayEntriesMax { get; set; } = 5_000_000;

    /// <summary>
    /// How long a customer stays without a snapshot before a round of flushing takes it, with everybody who is dirty then. A round is spread
    /// over half this time, so searches are at most one and a half times this and one flush behind, ten seconds in all; a longer wait makes
    /// one snapshot of more entries, and a snapshot costs about ten of them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan FlushAge { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Customers of one flush transaction: their states are gathered and written in some ten milliseconds, for which commits wait.</summary>
    [Range(1, 100_000)]
    public int FlushCustomersMax { get; set; } = 500;

    /// <summary>How often the partition looks at its clock: wakes, flushes, leases. A wake is late by this at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan TickPeriod { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Wakes that may be on their way at once, so that a backlog of them never crowds out senders.</summary>
    [Range(1, 100_000)]
    public int WakesUnderWayMax { get; set; } = 1_000;

    /// <summary>How far ahead sleepers are read from the index of wakes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan WakeWindow { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A wake overdue by more than this waits for a quiet customer: history is still coming in.</summary>
    public TimeSpan WakeOverdue { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a customer must have been without entries for an overdue wake.</summary>
    public TimeSpan WakeQuiet { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>An import that has not renewed for this long is ended by the partition.</summary>
    public TimeSpan ImportLease { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A jump of the wall clock against the monotonic clock beyond this holds the wakes.</summary>
    public TimeSpan ClockJump { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>After a jump the new time is believed when it has been steady for this long.</summary>
    public TimeSpan ClockTrust { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// After the journal has failed, readiness waits this long: until the keeper, who looks every two seconds, has found out whether the
    /// partitions could take over again.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan JournalTrust { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a partition rests before it tries again to write into a journal that had no room. Its senders are put off meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan RoomRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Outcomes that may wait for a desk before ingest is held back.</summary>
    [Range(100, 10_000_000)]
    public int OutcomesWaitingMax { get; set; } = 100_000;

    /// <summary>Outcomes of one call to a desk.</summary>
    [Range(1, 10_000)]
    public int OutcomesPerCallMax { get; set; } = 500;

    /// <summary>
    /// How long the answer to an event waits for another customer that it concerns too: one whose id it links, or whose id it came for. What
    /// takes longer goes on after the answer, which then says so. Well below the patience of every client.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan LinkPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Customers in memory, of all partitions of the database together; the rest is found again in the journal. Most of them are packed,
    /// at about a kilobyte each, so that these and the unpacked ones stay within 2 GiB.
    /// </summary>
    [Range(100, 100_000_000)]
    public int ResidentMax { get; set; } = 1 << 20;

    /// <summary>How long a stored customer without entries or lookups stays in memory.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan ResidentAge { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Customers whose state is ready for its next entry, of all partitions of the database together: three kilobytes and more each. Others
    /// are unpacked when they are needed, for ten microseconds. Those with entries that are not stored yet may exceed it, but at twice as
    /// many the flush no longer keeps its pace.
    /// </summary>
    [Range(100, 100_000_000)]
    public int UnpackedMax { get; set; } = 1 << 17;

    /// <summary>
    /// How many of so many resident customers may be unpacked: one fewer for each sixteen of them, down to half. Where many are in memory
    /// the packed ones need the room, and few of them are in the shop at the same time.
    /// </summary>
    public int UnpackedMaxAmong(int resident) => Math.Max((UnpackedMax + 1) / 2, UnpackedMax - resident / 16);

    /// <summary>How long a stored customer stays unpacked without entries or lookups.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan UnpackedAge { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Rendered profiles kept for the next lookup within the same minute, of all partitions together: about 2 KB each.</summary>
    [Range(0, 10_000_000)]
    public int ProfilesKeptMax { get; set; } = 1 << 16;

    /// <summary>Lookups that may wait for their customer to be taken into memory before they are told to come back later.</summary>
    [Range(1, 1_000_000)]
    public int LookupsWaitingMax { get; set; } = 10_000;

    /// <summary>
    /// Message ids remembered for telling a new message from a repeat, of all partitions together, at two bytes each: a gigabyte. Beyond it
    /// every message is looked up in the journal.
    /// </summary>
    [Range(1_000, 2_000_000_000)]
    public int MessagesRememberedMax { get; set; } = 512 << 20;

    /// <summary>Customers whose strands are searched for repeats at once. The journal reads on a few connections, which others need too.</summary>
    [Range(1, 64)]
    public int RepeatSearchesMax { get; set; } = 8;

    /// <summary>How long who asks for an erasure waits for its receipt; below the thirty seconds after which a call counts as lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:25")]
    public TimeSpan EraseWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Entries read at once while replaying. They are dropped when they are folded, so more only makes the collector carry them along: all
    /// partitions replay at the same time.
    /// </summary>
    [Range(1, 1_000_000)]
    public int ReplayPage { get; set; } = 2_000;
}
