using System.Threading.Channels;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>A partition whose fold is a count per customer: collects what waits, drops repeats, commits, counts, answers.</summary>
internal sealed class CountingPartition : IAsyncDisposable
{
    private const int EntriesMax = 4_000;
    private const int WaitingMax = 1_024;

    private readonly IJournal _journal;
    private readonly int _partition;
    private readonly TimeProvider _time;
    private readonly long _epoch;
    private readonly HashSet<Guid> _seen = [];
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Channel<Sender> _waiting =
        Channel.CreateBounded<Sender>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    private readonly Task _running;
    private long _head;
    private long _lastMs;

    private CountingPartition(IJournal journal, int partition, PartitionTakeover takeover, TimeProvider time)
    {
        _journal = journal;
        _partition = partition;
        _time = time;
        _epoch = takeover.Epoch;
        _head = takeover.Head;
        _running = Task.Run(RunAsync);
    }

    public static async Task<CountingPartition> StartAsync(IJournal journal, int partition, TimeProvider time, CancellationToken cancellation) =>
        new(journal, partition, await journal.TakeOverAsync(partition, cancellation), time);

    /// <returns>How many were new.</returns>
    public async Task<int> AppendAsync(List<NewEntry> entries)
    {
        var sender = new Sender(entries);
        await _waiting.Writer.WriteAsync(sender);
        return await sender.Answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _running;
    }

    private async Task RunAsync()
    {
        var senders = new List<Sender>();
        var entries = new List<Entry>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            try
            {
                Collect(senders, entries);
                await _journal.AppendAsync(_partition, _epoch, _head, entries.ToArray(), CancellationToken.None);
                _head += entries.Count;
                foreach (var entry in entries)
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, entry.Customer, out _)++;
                foreach (var sender in senders)
                    sender.Answer.TrySetResult(sender.New);
            }
            catch (JournalException failure)
            {
                foreach (var sender in senders)
                    sender.Answer.TrySetException(failure);
            }

            senders.Clear();
            entries.Clear();
        }
    }

    private void Collect(List<Sender> senders, List<Entry> entries)
    {
        _lastMs = Math.Max(_lastMs, _time.GetUtcNow().ToUnixTimeMilliseconds());
        while (entries.Count < EntriesMax && _waiting.Reader.TryRead(out var sender))
        {
            senders.Add(sender);
            foreach (var entry in sender.Entries)
            {
                if (!_seen.Add(entry.MessageId))
                    continue;
                sender.New++;
                entries.Add(new Entry(
                    _partition, _head + entries.Count, entry.Customer, entry.MessageId, entry.Type, Math.Min(entry.TimeMs, _lastMs), _lastMs, entry.Payload));
            }
        }
    }

    private sealed class Sender(List<NewEntry> entries)
    {
        public List<NewEntry> Entries => entries;

        public int New { get; set; }

        public TaskCompletionSource<int> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
