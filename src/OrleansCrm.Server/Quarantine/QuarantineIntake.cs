using System.Diagnostics.Metrics;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Quarantine;

/// <summary>
/// Brings refused items to the database before their sender is answered. One write at a time takes what waits, up to a bound: a flood of bad
/// items takes a small share of the writer that the good ones need, and what the queue cannot hold is counted instead of kept. A tenant may
/// hold as much of the queue as it leaves free, so there is room for others whatever one does, and tenants take turns in every write.
/// </summary>
internal sealed partial class QuarantineIntake : IAsyncDisposable
{
    /// <summary>Rows of one write: some milliseconds of the database's writer, which good events may have to wait for.</summary>
    private const int WriteRowsMax = 250;

    private readonly IQuarantineStore _store;
    private readonly QuarantineOptions _options;
    private readonly ILogger<QuarantineIntake> _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TenantQueue> _tenants = new(StringComparer.Ordinal);

    /// <summary>Tenants of which rows wait, each once.</summary>
    private readonly Queue<TenantQueue> _turns = new();
    private readonly Dictionary<string, long> _drops = new(StringComparer.Ordinal);
    private readonly Counter<long> _kept;
    private readonly Counter<long> _dropped;
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private long _waitingBytes;

    public QuarantineIntake(IQuarantineStore store, QuarantineOptions options, IMeterFactory meters, ILogger<QuarantineIntake> logger)
    {
        _store = store;
        _options = options;
        _logger = logger;
        var meter = meters.Create("OrleansCrm.Quarantine");
        _kept = meter.CreateCounter<long>("orleanscrm.quarantine.kept", "{item}", "Refused items that were kept.");
        _dropped = meter.CreateCounter<long>("orleanscrm.quarantine.dropped", "{item}", "Refused items that there was no room for.");
    }

    /// <summary>Keeps what a batch's answer refuses, as far as there is room; done when that is durable.</summary>
    /// <exception cref="JournalException">Whether it is kept is unknown.</exception>
    public Task KeepAsync(IngestOrigin origin, Batch batch, IngestAnswer answer, DateTimeOffset received)
    {
        var rows = RefusedItems.ToRows(origin, batch, answer.Rejected, received, _options.ItemBytesMax);
        var unkept = answer.Rejected.Count(RefusedItems.IsKept) + answer.RejectedMore - rows.Count;
        lock (_gate)
        {
            if (unkept > 0)
                NoteDropped(origin.Tenant, unkept);
            var request = new Request();
            if (!_tenants.TryGetValue(origin.Tenant, out var tenant))
                tenant = new TenantQueue();
            foreach (var row in rows)
            {
                if (tenant.Bytes + row.Raw.Length > _options.WaitingBytesMax - _waitingBytes)
                {
                    NoteDropped(origin.Tenant, 1);
                    continue;
                }

                _waitingBytes += row.Raw.Length;
                tenant.Bytes += row.Raw.Length;
                request.Left++;
                if (tenant.Rows.Count == 0)
                    _turns.Enqueue(tenant);
                tenant.Rows.Enqueue((row, request));
            }

            if (request.Left == 0)
                return Task.CompletedTask;
            _tenants[origin.Tenant] = tenant;
            if (!_isWriting)
            {
                _isWriting = true;
                _writing = Task.Run(WriteAllAsync);
            }

            return request.Done.Task;
        }
    }

    /// <summary>Waits for what is under way, and brings the last counts to the database.</summary>
    public async ValueTask DisposeAsync()
    {
        Task writing;
        lock (_gate)
            writing = _writing;
        await writing;
        try
        {
            if (TakeDrops() is { Length: > 0 } drops)
                await _store.AddAsync([], drops, _options.Bounds, CancellationToken.None);
        }
        catch (JournalException exception)
        {
            LogUnwritten(exception.GetType().Name);
        }
    }

    private async Task WriteAllAsync()
    {
        while (Take() is { Count: > 0 } batch)
        {
            var drops = TakeDrops();
            try
            {
                await _store.AddAsync([.. batch.Select(b => b.Row)], drops, _options.Bounds, CancellationToken.None);
                _kept.Add(batch.Count);
                Settle(batch, [], null);
            }
            catch (Exception exception)
            {
                LogUnwritten(exception.GetType().Name);
                Settle(batch, drops, exception as JournalException ?? new JournalUnavailableException("The refused items could not be kept.", exception));
            }
        }
    }

    private List<(QuarantineRow Row, Request Request)> Take()
    {
        lock (_gate)
        {
            var batch = new List<(QuarantineRow, Request)>();
            while (batch.Count < WriteRowsMax && _turns.TryDequeue(out var tenant))
            {
                batch.Add(tenant.Rows.Dequeue());
                if (tenant.Rows.Count > 0)
                    _turns.Enqueue(tenant);
            }

            _isWriting = batch.Count > 0;
            return batch;
        }
    }

    private void Settle(List<(QuarantineRow Row, Request Request)> batch, QuarantineDrop[] unwritten, JournalException? trouble)
    {
        lock (_gate)
        {
            foreach (var drop in unwritten)
                _drops[drop.Tenant] = _drops.GetValueOrDefault(drop.Tenant) + drop.Count;
            foreach (var (row, request) in batch)
            {
                _waitingBytes -= row.Raw.Length;
                var tenant = _tenants[row.Tenant];
                tenant.Bytes -= row.Raw.Length;
                if (tenant.Bytes == 0 && tenant.Rows.Count == 0)
                    _tenants.Remove(row.Tenant);
                request.Left--;
                if (trouble is not null)
                    request.Done.TrySetException(trouble);
                else if (request.Left == 0)
                    request.Done.TrySetResult();
            }
        }
    }

    private QuarantineDrop[] TakeDrops()
    {
        lock (_gate)
        {
            var drops = _drops.Select(drop => new QuarantineDrop(drop.Key, drop.Value)).ToArray();
            _drops.Clear();
            return drops;
        }
    }

    private void NoteDropped(string tenant, long count)
    {
        _drops[tenant] = _drops.GetValueOrDefault(tenant) + count;
        _dropped.Add(count);
    }

    [LoggerMessage(1, LogLevel.Warning, "Refused items could not be kept: {Reason}")]
    private partial void LogUnwritten(string reason);

    private sealed class Request
    {
        public int Left { get; set; }

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class TenantQueue
    {
        public Queue<(QuarantineRow Row, Request Request)> Rows { get; } = new();

        /// <summary>Of these rows and those that are being written.</summary>
        public long Bytes { get; set; }
    }
}
