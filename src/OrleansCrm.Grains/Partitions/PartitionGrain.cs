using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Owns one partition. Everything that changes a customer passes one loop: collect what arrived while the last write was on its way,
/// drop or join repeats, commit, apply per customer, answer. All fields are touched on the activation's scheduler only.
/// </summary>
/// <remarks>
/// Nothing here survives a surprise: when a write's outcome is unknown, or the partition turns out to belong to somebody else, the
/// activation gives up everything and the next one replays the journal. The pieces: Pipeline (in), Apply (customers), Outgoing (desks and
/// other partitions), Links, Flush (snapshots), Memory (who stays), Wakes (time), Recovery (start), Erasure, Reads, History.
/// </remarks>
[KeepAlive, Reentrant, HashBasedPlacement]
public sealed partial class PartitionGrain(
    IJournal journal, JournalWatch watch, PartitionOptions options, RenderedProfiles profiles, EngineMeter meter, ProductFeed products, TimeProvider time,
    ILogger<PartitionGrain> logger)
    : Grain, IPartitionGrain
{
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ClockWatch _clock = new(time, options.ClockJump, options.ClockTrust);
    private readonly Dictionary<string, CustomerSlot> _slots = new(StringComparer.Ordinal);
    private readonly WideEntries _wide = new();
    private readonly ImportTable _imports = new();

    private Task _work = Task.CompletedTask;
    private bool _isFailed;
    private bool _isReady;
    private int _partition;
    private long _epoch;
    private long _head;
    private long _lastRecordedMs;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyLong();
        if (key < 0 || key >= journal.Identity.Partitions)
            throw new InvalidOperationException($"There is no partition {key}; the database has {journal.Identity.Partitions}.");
        _partition = (int)key;
        _shelf = profiles.OpenShelf(_partition);

        // Whose request has woken the partition is nobody's concern from here on: its span would stand in every line that is logged.
        var request = Activity.Current;
        Activity.Current = null;
        _work = WorkAsync();
        this.RegisterGrainTimer<PartitionGrain>(
            static (grain, _) => grain.TickAsync(), this, new GrainTimerCreationOptions(options.TickPeriod, options.TickPeriod) { Interleave = true });
        Activity.Current = request;
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Signal();
        _deliverable.Signal();
        _erasable.Signal();
        try
        {
            await _work.WaitAsync(cancellationToken);
        }
        finally
        {
            AbandonEverybody();
        }
    }

    public Task<ImportStatus> ImportAsync(string import) => WhenRecoveredAsync(() => _imports.StatusOf(import));

    public Task<PartitionStatus> TouchAsync() => Task.FromResult(new PartitionStatus(
        IsRunning, _head, _checkpoint, _dirty.Count, _slots.Count, CountOverdueWakes(""), _outgoing.Count, _clock.IsHeld,
        LastOffset(EntryTypes.ProgramPublished), _unpacked, StoredMs, _waitingEntries,
        SweptProgram() >= LastOffset(EntryTypes.ProgramPublished)));

    /// <summary>Answers once the partition is loaded; trouble with the journal is an answer too.</summary>
    private async Task<TResponse> AnswerAsync<TRequest, TResponse>(TRequest request, Func<TRequest, Task<TResponse>> read, TResponse unavailable)
    {
        await _recovered.Task;
        if (_isFailed)
            return unavailable;
        try
        {
            return await read(request);
        }
        catch (JournalException exception)
        {
            NoteNoAnswer(exception);
            return unavailable;
        }
    }

    private void NoteNoAnswer(JournalException exception)
    {
        // Where nothing else is written, nobody but who asks would ever be told that another owner is there.
        if (exception is FencedException)
            GiveUp(exception);
        else
            LogUnreadable(_partition, exception.GetType().Name);
    }

    private async Task<T> WhenRecoveredAsync<T>(Func<T> read)
    {
        await _recovered.Task;
        return _isFailed ? throw new InvalidOperationException("The partition is being reloaded.") : read();
    }

    private async Task WorkAsync()
    {
        try
        {
            await RecoverAsync();
            _isReady = true;
            _recovered.TrySetResult();
            var loops = new[] { RunPipelineAsync(), DeliverAsync(), RunErasuresAsync() };
            await await Task.WhenAny(loops);
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            AbandonEverybody();
        }
        catch (Exception exception)
        {
            GiveUp(exception);
        }
    }

    /// <summary>The next activation finds out from the journal what is true.</summary>
    private void GiveUp(Exception exception)
    {
        if (exception is FencedException)
        {
            LogFenced(_partition, exception.Message);
            meter.Reloads("fenced");
        }
        else if (exception is JournalUnavailableException)
        {
            LogUnreadable(_partition, exception.Message);
            watch.Failed();
            meter.Reloads("unavailable");
        }
        else if (exception is SiloUnavailableException)
        {
            LogSiloGone(_partition);
        }
        else
        {
            LogFailed(exception, _partition);
            meter.Reloads("failed");
        }

        _isFailed = true;
        _stopping.Cancel();
        Signal();
        _deliverable.Signal();
        _erasable.Signal();
        AbandonEverybody();
        DeactivateOnIdle();
    }

    private void AbandonEverybody()
    {
        _isFailed = true;
        ClearShelf();
        foreach (var ticket in _inFlight.Values)
            ticket.Abandon();
        _inFlight.Clear();
        while (_waiting.TryDequeue(out var sender))
            sender.Abandon();
        _waitingEntries = 0;
        while (_loads.TryDequeue(out var load))
            load.Done.TrySetResult((null, true));
        AbandonLinks();
        _flushed.TrySetResult();
        AbandonErasures();
        _recovered.TrySetResult();
    }

    [LoggerMessage(1, LogLevel.Error, "Partition {Partition} gives up and will be reloaded")]
    private partial void LogFailed(Exception exception, int partition);

    [LoggerMessage(2, LogLevel.Warning, "Partition {Partition} has another owner now: {Reason}")]
    private partial void LogFenced(int partition, string reason);

    [LoggerMessage(3, LogLevel.Error, "Entry {Partition}-{Offset} cannot be folded and is put aside: {Error}")]
    private partial void LogFault(int partition, long offset, string error);

    [LoggerMessage(4, LogLevel.Warning, "Partition {Partition} cannot reach {Receiver}, {Waiting} outcomes wait: {Reason}")]
    private partial void LogUnreachable(int partition, string receiver, int waiting, string reason);

    [LoggerMessage(5, LogLevel.Information, "Partition {Partition} is ready at {Head}: replayed {Entries} entries")]
    private partial void LogReady(int partition, long head, long entries);

    [LoggerMessage(6, LogLevel.Error, "A wake of partition {Partition} changed nothing; the customer sleeps until its next entry")]
    private partial void LogFutileWake(int partition);

    [LoggerMessage(8, LogLevel.Warning, "The journal of partition {Partition} cannot be read: {Reason}")]
    private partial void LogUnreadable(int partition, string reason);

    [LoggerMessage(9, LogLevel.Error, "The stored state of a customer of partition {Partition} cannot be read: {Error}")]
    private partial void LogDamaged(int partition, string error);

    [LoggerMessage(10, LogLevel.Information, "Partition {Partition} will be reloaded: a silo that held its customers has stopped")]
    private partial void LogSiloGone(int partition);

    [LoggerMessage(7, LogLevel.Warning, "The wall clock jumped: wakes of partition {Partition} wait")]
    private partial void LogClockJumped(int partition);
}
