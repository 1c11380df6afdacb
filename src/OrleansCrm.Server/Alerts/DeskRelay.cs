using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Grains;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Alerts;

/// <summary>
/// Passes the changes of one desk on to its followers here, without a gap. The desk pushes them; a push can get lost, so the relay knows
/// the number it stands at, asks the desk for what is missing, and asks every few seconds even when all is quiet.
/// </summary>
internal sealed partial class DeskRelay : IDeskObserver, IAsyncDisposable
{
    // A desk drops an observer that has not renewed for ten seconds.
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);

    /// <summary>Pushes that wait to be passed on. More are dropped, and asked for again as a gap.</summary>
    private const int WaitingMax = 256;

    /// <summary>
    /// Messages on their way to clients. A client that takes nothing is cut off after some seconds; until then it may keep this many from
    /// being forgotten, and only then do the others wait for it.
    /// </summary>
    private const int UnderWayMax = 256;

    private readonly string _key;
    private readonly string _desk;
    private readonly IGrainFactory _grains;
    private readonly IHubContext<AlertsHub> _hub;
    private readonly PushOptions _options;
    private readonly PushMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<(DeskChanges Changes, long Came)> _pushed = Channel.CreateBounded<(DeskChanges Changes, long Came)>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private readonly SemaphoreSlim _underWay = new(UnderWayMax, UnderWayMax);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _observing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDeskObserver _reference;
    private readonly Task _running;
    private long _last = -1;
    private long? _framed;

    public DeskRelay(string key, IGrainFactory grains, IHubContext<AlertsHub> hub, PushOptions options, PushMeter meter, TimeProvider time, ILogger logger)
    {
        _key = key;
        _desk = key[(key.IndexOf('/') + 1)..];
        _grains = grains;
        _hub = hub;
        _options = options;
        _meter = meter;
        _time = time;
        _logger = logger;

        // The runtime holds the object behind the reference weakly: this relay has to stay reachable, and does through DeskRelays.
        _reference = grains.CreateObjectReference<IDeskObserver>(this);
        _running = RunAsync();
    }

    /// <summary>Done when the desk knows of this relay; faulted when it could not be told.</summary>
    public Task WhenObserving => _observing.Task;

    public Task ChangedAsync(DeskChanges changes)
    {
        _pushed.Writer.TryWrite((changes, _time.GetTimestamp()));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _grains.DeleteObjectReference<IDeskObserver>(_reference);
        _stop.Dispose();
    }

    private IDeskGrain Desk => _grains.GetGrain<IDeskGrain>(_key);

    private async Task RunAsync()
    {
        // The constructor's caller holds a lock.
        await Task.Yield();
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                await RenewAsync();
                await PassOnForAsync(RenewEvery);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _observing.TrySetCanceled();
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            await Desk.ObserveAsync(_reference);
            if (_last < 0)
                _last = (await Desk.ViewAsync(-1)).Sequence;
            else
                await CatchUpAsync();
            _observing.TrySetResult();
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !_stop.IsCancellationRequested)
        {
            LogDeskAway(_desk, e.GetType().Name);
            _observing.TrySetException(e);
        }
    }

    private async Task PassOnForAsync(TimeSpan time)
    {
        using var over = new CancellationTokenSource(time, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, over.Token);
        try
        {
            while (await _pushed.Reader.WaitToReadAsync(end.Token))
            {
                await RestAsync();
                await PassOnWaitingAsync();
            }
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // The time is over; nothing was taken from the queue without being passed on.
        }
    }

    /// <summary>Sends what has come meanwhile as one message; where something between is missing, the desk is asked for all of it.</summary>
    private async Task PassOnWaitingAsync()
    {
        var (joined, sequence, first, isBroken) = (new List<NumberedAlert>(), _last, 0L, false);
        while (_pushed.Reader.TryRead(out var next))
        {
            var (pushed, came) = next;
            if (_last < 0 || pushed.Sequence <= sequence)
                continue;
            isBroken |= pushed.From > sequence;
            joined.AddRange(pushed.From == sequence ? pushed.Changes : Array.FindAll(pushed.Changes, c => c.Sequence > sequence));
            (sequence, first) = (pushed.Sequence, first == 0 ? came : first);
        }

        if (!isBroken)
        {
            await SendAsync(_last, sequence, [.. joined], first);
            return;
        }

        try
        {
            await CatchUpAsync();
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e) && !_stop.IsCancellationRequested)
        {
            // The next renewal fills the gap.
            LogDeskAway(_desk, e.GetType().Name);
        }
    }

    private async Task CatchUpAsync()
    {
        var view = await Desk.ViewAsync(_last);
        if (view.Resumed)
        {
            await SendAsync(_last, view.Sequence, view.Changes, _time.GetTimestamp());
            return;
        }

        // Too much was missed to be told one by one. Followers see a number that does not continue theirs, and ask for the list.
        _last = view.Sequence;
        await SendMessageAsync(new AlertsChangedMessage(_desk, view.Sequence, view.Sequence, []), _time.GetTimestamp(), []);
    }

    private async Task SendAsync(long from, long sequence, NumberedAlert[] changes, long came)
    {
        if (sequence <= _last || from > _last)
            return;
        var news = from == _last ? changes : Array.FindAll(changes, c => c.Sequence > _last);
        foreach (var frame in news.Chunk(_options.FrameChangesMax))
        {
            var (before, end) = (_last, frame[^1].Sequence);
            _last = end;
            await SendMessageAsync(new AlertsChangedMessage(_desk, before, end, ChangeMessage.OfAll(frame)), came, frame);
        }
    }

    private async Task SendMessageAsync(AlertsChangedMessage message, long came, NumberedAlert[] changes)
    {
        await RestAsync();
        await _underWay.WaitAsync(_stop.Token);
        _framed = _time.GetTimestamp();
        _ = SendToGroupAsync(message, came, changes);
    }

    /// <summary>Waits until the next message may go out; not at all after a calm.</summary>
    private async Task RestAsync()
    {
        if (_framed is { } last && _options.FrameEvery - _time.GetElapsedTime(last) is var rest && rest > TimeSpan.Zero)
            await Task.Delay(rest, _time, _stop.Token);
    }

    private async Task SendToGroupAsync(AlertsChangedMessage message, long came, NumberedAlert[] changes)
    {
        try
        {
            await _hub.Clients.Group(_key).SendAsync("AlertsChanged", message, _stop.Token);
            _meter.Pushed(message.Changes.Length, _time.GetElapsedTime(came));
            TellSpans(came, changes);
        }
        catch (Exception e)
        {
            // One client's trouble is not the desk's: it comes back and says which number it stands at.
            LogNotSent(_desk, e.GetType().Name);
        }
        finally
        {
            _underWay.Release();
        }
    }

    private void TellSpans(long came, NumberedAlert[] changes)
    {
        if (!EngineSpans.HasListeners)
            return;
        foreach (var change in changes)
        {
            if (change.Trace is { } trace)
                EngineSpans.Tell("push", trace, _time.GetUtcNow(), _time.GetElapsedTime(came));
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Desk {Desk} cannot be followed right now: {Reason}")]
    private partial void LogDeskAway(string desk, string reason);

    [LoggerMessage(2, LogLevel.Debug, "A message of desk {Desk} did not reach everybody: {Reason}")]
    private partial void LogNotSent(string desk, string reason);
}
