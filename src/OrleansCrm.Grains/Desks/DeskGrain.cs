using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Utilities;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Desks;

/// <summary>
/// Gives the alert changes of a desk their numbers. The numbers are the key of the stored changes, so a second activation that would hand
/// out the same ones cannot store them; it gives itself up, and the sender tries again.
/// </summary>
public sealed partial class DeskGrain(IJournal journal, DeskOptions options, EngineMeter meter, TimeProvider time, ILogger<DeskGrain> logger) : Grain, IDeskGrain
{
    private readonly ObserverManager<IDeskObserver> _observers = new(options.ObserverLease, logger);
    private readonly Dictionary<int, SenderPosition> _senders = [];
    private string _desk = "";
    private long _sequence;
    private long _oldest;
    private bool _isWatched;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _desk = this.GetPrimaryKeyString();
        var position = await ReadAsync(() => journal.ReadDeskAsync(_desk, cancellationToken));
        _sequence = position.Sequence;
        _oldest = position.OldestSequence;
        foreach (var sender in position.Senders)
            _senders[sender.Partition] = sender;
    }

    public async Task RecordAsync(int partition, Outgoing[] changes)
    {
        var known = _senders.TryGetValue(partition, out var last) ? last : new SenderPosition(partition, -1, -1);
        var news = Array.FindAll(changes, c => (c.Offset, c.Index).CompareTo((known.Offset, known.Index)) > 0);
        if (news.Length == 0)
            return;

        var position = new SenderPosition(partition, news[^1].Offset, news[^1].Index);
        var began = time.GetTimestamp();
        try
        {
            await journal.WriteDeskAsync(WriteOf(news, position), CancellationToken.None);
        }
        catch (JournalException exception)
        {
            // Fenced or unknown: either way only the journal knows what this desk's last number is.
            LogGivesUp(_desk, exception.GetType().Name);
            DeactivateOnIdle();
            throw new InvalidOperationException("The desk is being reloaded.");
        }

        meter.Recorded(news.Length, time.GetElapsedTime(began));
        var from = _sequence;
        _sequence += news.Length;
        _senders[partition] = position;
        var numbered = new NumberedAlert[news.Length];
        for (var i = 0; i < news.Length; i++)
            numbered[i] = new NumberedAlert(from + 1 + i, news[i].Alert, TellSpan(news[i].Trace, began));
        var message = new DeskChanges(_desk, from, _sequence, numbered);
        await _observers.Notify(o => o.ChangedAsync(message));
        if (_isWatched)
        {
            _isWatched = false;
            await GrainFactory.GetGrain<IAssignmentGrain>(_desk).NudgeAsync();
        }

        await TrimAsync();
    }

    public Task<DeskChanges?> ChangesAsync(long afterSequence)
    {
        _isWatched = true;
        return afterSequence == _sequence
            ? Task.FromResult<DeskChanges?>(new DeskChanges(_desk, _sequence, _sequence, []))
            : ReadAsync(() => ReadChangesAsync(afterSequence));
    }

    private string? TellSpan(string? trace, long began) => trace is null || !EngineSpans.HasListeners
        ? trace
        : EngineSpans.Tell("desk", trace, time.GetUtcNow(), time.GetElapsedTime(began));

    public Task<DeskView> ViewAsync(long afterSequence) => ReadAsync(() => ReadViewAsync(afterSequence));

    private async Task<DeskView> ReadViewAsync(long afterSequence)
    {
        if (await ReadChangesAsync(afterSequence) is { } missed)
        {
            var open = await journal.ReadDeskAlertsAsync(_desk, 0, CancellationToken.None);
            return new DeskView(_sequence, open.Total, true, [], missed.Changes);
        }

        var alerts = await journal.ReadDeskAlertsAsync(_desk, options.AlertsMax, CancellationToken.None);
        return new DeskView(_sequence, alerts.Total, false, alerts.Alerts, []);
    }

    private async Task<DeskChanges?> ReadChangesAsync(long afterSequence)
    {
        if (afterSequence < _oldest - 1 || afterSequence > _sequence || _sequence - afterSequence > options.ResumeChangesMax)
            return null;
        var changes = await journal.ReadDeskChangesAsync(_desk, afterSequence, options.ResumeChangesMax, CancellationToken.None);
        return new DeskChanges(_desk, afterSequence, _sequence, changes);
    }

    public Task ObserveAsync(IDeskObserver observer)
    {
        _observers.Subscribe(observer, observer);
        return Task.CompletedTask;
    }

    /// <summary>The journal's trouble stays on this side of the grain boundary; a caller hears that the desk cannot answer.</summary>
    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (JournalException exception)
        {
            throw new InvalidOperationException($"The desk cannot be read: {exception.GetType().Name}.");
        }
    }

    private DeskWrite WriteOf(Outgoing[] news, SenderPosition position)
    {
        var finished = FinishedAlerts.Of(news, _desk[(_desk.IndexOf('/') + 1)..]);
        return new DeskWrite(_desk, _sequence + 1, news, position)
        {
            Finished = finished,
            ForgetFinishedBeforeMs = finished.Length == 0 ? 0 : (time.GetUtcNow() - options.FinishedKeptFor).ToUnixTimeMilliseconds(),
        };
    }

    private async Task TrimAsync()
    {
        if (_sequence - _oldest < options.ChangesKeptMax)
            return;
        var oldest = _sequence - options.ChangesKeptMax / 2;
        try
        {
            await journal.TrimDeskChangesAsync(_desk, oldest, CancellationToken.None);
            _oldest = oldest;
        }
        catch (JournalException exception)
        {
            // Nothing is lost by keeping more; the next change tries again.
            LogNotTrimmed(_desk, exception.GetType().Name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Desk {Desk} could not record changes and will be reloaded: {Reason}")]
    private partial void LogGivesUp(string desk, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Desk {Desk} could not forget old changes: {Reason}")]
    private partial void LogNotTrimmed(string desk, string reason);
}
