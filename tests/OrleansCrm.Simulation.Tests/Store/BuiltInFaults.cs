using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Store;

/// <summary>Mistakes that the simulation has to find, or it proves nothing.</summary>
internal enum BuiltInFault
{
    None,
    AcknowledgesBeforeCommit,
    ForgetsDedupeOnRestart,
    SnapshotSaysTooLittle,
    SnapshotSaysTooMuch,
    LosesOutbox,
    LosesHandover,
    HandsOverTwice,
    WakesTwice,
    AcceptsStaleEpoch,
    AcceptsTornBatch,
    SwapsEntriesOnReplay,
}

internal static class BuiltInFaults
{
    public static JournalStore Open(BuiltInFault fault, World world, int partitions, Action<Entry> appendWakeAgain) => fault switch
    {
        BuiltInFault.None => new JournalStore(partitions),
        BuiltInFault.AcknowledgesBeforeCommit => new AcknowledgesBeforeCommit(world, partitions),
        BuiltInFault.ForgetsDedupeOnRestart => new ForgetsDedupe(partitions),
        BuiltInFault.SnapshotSaysTooLittle => new MiscountsSnapshots(partitions, -1),
        BuiltInFault.SnapshotSaysTooMuch => new MiscountsSnapshots(partitions, 1),
        BuiltInFault.LosesOutbox => new LosesOutbox(partitions),
        BuiltInFault.LosesHandover => new LosesHandover(partitions),
        BuiltInFault.HandsOverTwice => new HandsOverTwice(partitions),
        BuiltInFault.WakesTwice => new WakesTwice(world, partitions, appendWakeAgain),
        BuiltInFault.AcceptsStaleEpoch => new AcceptsStaleEpoch(partitions),
        BuiltInFault.AcceptsTornBatch => new AcceptsTornBatch(world, partitions),
        BuiltInFault.SwapsEntriesOnReplay => new SwapsEntries(partitions),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    /// <summary>What was appended in the last tenth of a second is not on the disk yet when the power goes.</summary>
    private sealed class AcknowledgesBeforeCommit(World world, int partitions) : JournalStore(partitions)
    {
        private readonly List<(long At, int Partition, long Head)> _unwritten = [];

        public override void Append(int partition, long epoch, long head, Entry[] entries)
        {
            base.Append(partition, epoch, head, entries);
            _unwritten.Add((world.Mono, partition, head));
        }

        public override void LosePower()
        {
            foreach (var (at, partition, head) in _unwritten)
            {
                var entries = Of(partition).Entries;
                if (world.Mono - at < TimeSpan.TicksPerSecond / 10 && head < entries.Count)
                    entries.RemoveRange((int)head, entries.Count - (int)head);
            }

            _unwritten.Clear();
        }
    }

    private sealed class ForgetsDedupe(int partitions) : JournalStore(partitions)
    {
        // The reckoning asks for all at once, the engine for a page.
        public override StrandRow[] ReadStrandsAfter(int partition, long afterRow, int max) =>
            max == int.MaxValue ? base.ReadStrandsAfter(partition, afterRow, max) : [];
    }

    private sealed class MiscountsSnapshots(int partitions, int by) : JournalStore(partitions)
    {
        public override void Flush(FlushRequest flush) => base.Flush(flush with
        {
            Snapshots = Array.ConvertAll(flush.Snapshots, s => s with { CoveredOffset = s.CoveredOffset + by }),
        });
    }

    private sealed class LosesOutbox(int partitions) : JournalStore(partitions)
    {
        public override void Flush(FlushRequest flush) => base.Flush(flush with { Outbox = [] });
    }

    /// <summary>The state that was handed over is an empty one when it arrives.</summary>
    private sealed class LosesHandover(int partitions) : JournalStore(partitions)
    {
        public override void Append(int partition, long epoch, long head, Entry[] entries) =>
            base.Append(partition, epoch, head, Array.ConvertAll(entries, e => e.Type == EntryTypes.IdentityHandover ? e with { Type = EntryTypes.Wake } : e));
    }

    /// <summary>A visitor's second user gets him once more: the entry that refuses hands over again what the first one got.</summary>
    private sealed class HandsOverTwice(int partitions) : JournalStore(partitions)
    {
        private readonly Dictionary<string, Entry> _given = [];

        public override void Append(int partition, long epoch, long head, Entry[] entries) =>
            base.Append(partition, epoch, head, Array.ConvertAll(entries, Twice));

        private Entry Twice(Entry entry)
        {
            var from = entry.Type is EntryTypes.IdentityHandover or EntryTypes.IdentityRefused ? JsonDocument.Parse(entry.Payload).RootElement.GetProperty("from").GetString()! : "";
            if (entry.Type == EntryTypes.IdentityHandover)
                _given.TryAdd(from, entry);
            return entry.Type == EntryTypes.IdentityRefused && _given.TryGetValue(from, out var given)
                ? entry with { Type = given.Type, Payload = given.Payload }
                : entry;
        }
    }

    private sealed class WakesTwice(World world, int partitions, Action<Entry> appendAgain) : JournalStore(partitions)
    {
        private readonly HashSet<(string, long)> _again = [];

        public override void Append(int partition, long epoch, long head, Entry[] entries)
        {
            base.Append(partition, epoch, head, entries);
            foreach (var wake in entries.Where(e => e.Type == EntryTypes.Wake && _again.Add((e.Customer, e.TimeMs))))
                world.In(TimeSpan.FromMilliseconds(10), () => appendAgain(wake));
        }
    }

    /// <summary>Whoever appends may, at the place where he believes the head to be.</summary>
    private sealed class AcceptsStaleEpoch(int partitions) : JournalStore(partitions)
    {
        public override void Append(int partition, long epoch, long head, Entry[] entries)
        {
            var rows = Of(partition).Entries;
            foreach (var entry in entries)
            {
                if (entry.Offset < rows.Count)
                    rows[(int)entry.Offset] = entry;
                else
                    rows.Add(entry);
            }
        }

        protected override void RequireOwner(int partition, long epoch)
        {
        }
    }

    private sealed class AcceptsTornBatch(World world, int partitions) : JournalStore(partitions)
    {
        public override void Append(int partition, long epoch, long head, Entry[] entries) =>
            base.Append(partition, epoch, head, entries.Length > 1 && world.Draw(0.1) ? entries[..^1] : entries);
    }

    /// <summary>A replay gets two neighbouring entries of a customer in each other's place.</summary>
    private sealed class SwapsEntries(int partitions) : JournalStore(partitions)
    {
        public override Entry[] Read(int partition, long fromOffset, int max)
        {
            var entries = base.Read(partition, fromOffset, max);
            if (max == int.MaxValue)
                return entries;
            for (var i = 0; i + 1 < entries.Length; i++)
            {
                var (first, second) = (entries[i], entries[i + 1]);
                if (first.Customer.Length == 0 || first.Customer != second.Customer)
                    continue;
                entries[i] = second with { Offset = first.Offset };
                entries[++i] = first with { Offset = second.Offset };
            }

            return entries;
        }
    }
}
