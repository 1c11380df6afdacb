using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace OrleansCrm.Server.Import;

/// <summary>What was sent and what became of it.</summary>
internal sealed class ImportTally
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _rejections = new(StringComparer.Ordinal);
    private long _applied;
    private long _duplicates;
    private long _rejected;

    public long Applied => Interlocked.Read(ref _applied);

    public long Duplicates => Interlocked.Read(ref _duplicates);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Done => Applied + Duplicates + Rejected;

    /// <summary>Whether it ended before the last event.</summary>
    public bool IsStopped { get; set; }

    public void Add(SendResult result)
    {
        Interlocked.Add(ref _applied, result.Applied);
        Interlocked.Add(ref _duplicates, result.Duplicates);
        lock (_lock)
        {
            foreach (var (code, count) in result.Rejections)
            {
                _rejected += count;
                _rejections[code] = _rejections.GetValueOrDefault(code) + count;
            }
        }
    }

    public KeyValuePair<string, long>[] Rejections()
    {
        lock (_lock)
            return [.. _rejections];
    }
}

/// <summary>
/// Sends a history. Events are dealt out in order of time to lanes by customer; a lane's batches follow one another, so a customer's events
/// arrive in order, and lanes run side by side, so that several batches share a commit.
/// </summary>
internal sealed class ImportRun(IImportTarget target, ImportOptions options, TimeProvider time)
{
    /// <summary>A lease lasts ten minutes; nine missed renewals would be needed to lose it.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromMinutes(1);

    /// <summary>Longest wait for due wakes after the end of the history, while none of them moves.</summary>
    public static readonly TimeSpan SettleStallMax = TimeSpan.FromMinutes(2);

    // A body over 4 MB is refused; 500 events of the largest size would be 16 MB.
    private const int BatchBytesMax = 3 * 1024 * 1024;
    private const int BatchesWaitingMax = 2;
    private static readonly TimeSpan SettleLook = TimeSpan.FromMilliseconds(200);

    private Exception? _failure;

    public ImportTally Tally { get; } = new();

    /// <returns>When every event up to the end, or up to <see cref="ImportOptions.StopAfter"/>, is durable and applied.</returns>
    public async Task SendAsync(IImportSource source, ImportPlan plan, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var renewing = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var lanes = Enumerable.Range(0, target.Lanes).Select(_ => new Lane()).ToArray();
        var renewal = GuardAsync(RenewAsync(plan.Import, renewing.Token), stop);
        await Task.WhenAll(lanes.Select(lane => GuardAsync(DrainAsync(lane, stop.Token), stop))
            .Append(GuardAsync(DealAsync(source.Read(plan), lanes, stop.Token), stop)));
        await renewing.CancelAsync();
        await renewal;
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Ends the import and waits until the thresholds that its history crossed have been lived through.</summary>
    public async Task SettleAsync(string import, Action<long> report, CancellationToken cancellation)
    {
        await target.EndAsync(import, cancellation);
        var quiet = 0;
        var last = long.MaxValue;
        var moved = time.GetTimestamp();
        while (quiet < 2)
        {
            var unsettled = await target.CountUnsettledAsync(cancellation);
            report(unsettled);
            quiet = unsettled == 0 ? quiet + 1 : 0;
            if (unsettled != last)
                moved = time.GetTimestamp();
            else if (unsettled > 0 && time.GetElapsedTime(moved) > SettleStallMax)
                throw new ImportException($"the events are in, but {unsettled} due wakes have not moved for {SettleStallMax.TotalMinutes:0} minutes");
            last = unsettled;
            await Task.Delay(SettleLook, time, cancellation);
        }
    }

    // The first to fail stops the others, and its exception is the one that is told.
    private async Task GuardAsync(Task work, CancellationTokenSource stop)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped with the others.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, e, null);
            await stop.CancelAsync();
        }
    }

    private async Task DealAsync(IEnumerable<ImportEvent> events, Lane[] lanes, CancellationToken cancellation)
    {
        // Reading and parsing would else hold up the caller until the first wait.
        await Task.Yield();
        var started = time.GetTimestamp();
        long dealt = 0;
        foreach (var next in events)
        {
            if (dealt == options.StopAfter)
            {
                Tally.IsStopped = true;
                break;
            }

            var lane = lanes[next.Customer.PartitionOf(lanes.Length)];
            if (lane.Waiting.Count >= options.BatchSize || lane.WaitingBytes + next.Json.Length > BatchBytesMax)
                await lane.PassOnAsync(cancellation);
            lane.Add(next);
            dealt++;
            await ThrottleAsync(started, dealt, lanes, cancellation);
        }

        foreach (var lane in lanes)
        {
            await lane.PassOnAsync(cancellation);
            lane.Batches.Writer.Complete();
        }
    }

    private async Task ThrottleAsync(long started, long dealt, Lane[] lanes, CancellationToken cancellation)
    {
        if (options.Rate is not { } rate)
            return;
        var ahead = TimeSpan.FromSeconds(dealt / rate) - time.GetElapsedTime(started);
        if (ahead < TimeSpan.FromMilliseconds(50))
            return;

        // What waits for a full batch would wait longer than its turn.
        foreach (var lane in lanes)
            await lane.PassOnAsync(cancellation);
        await Task.Delay(ahead, time, cancellation);
    }

    private async Task DrainAsync(Lane lane, CancellationToken cancellation)
    {
        await foreach (var batch in lane.Batches.Reader.ReadAllAsync(cancellation))
            Tally.Add(await target.SendAsync(batch, cancellation));
    }

    private async Task RenewAsync(string import, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation))
                await target.RenewAsync(import, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Everything is sent.
        }
    }

    /// <summary>What is on its way to the customers of one share.</summary>
    private sealed class Lane
    {
        public Channel<List<ImportEvent>> Batches { get; } =
            Channel.CreateBounded<List<ImportEvent>>(new BoundedChannelOptions(BatchesWaitingMax) { SingleReader = true, SingleWriter = true });

        public List<ImportEvent> Waiting { get; private set; } = [];

        public int WaitingBytes { get; private set; }

        public void Add(ImportEvent next)
        {
            Waiting.Add(next);
            WaitingBytes += next.Json.Length;
        }

        public async Task PassOnAsync(CancellationToken cancellation)
        {
            if (Waiting.Count == 0)
                return;
            await Batches.Writer.WriteAsync(Waiting, cancellation);
            Waiting = [];
            WaitingBytes = 0;
        }
    }
}
