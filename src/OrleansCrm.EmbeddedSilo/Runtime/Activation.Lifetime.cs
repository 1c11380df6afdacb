using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

internal sealed partial class Activation
{
    private bool _ending;
    private volatile bool _gone;

    /// <summary>Milliseconds of <see cref="Silo.Now"/> when the last call ended. Read by the collector from outside.</summary>
    internal long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Whether the collector need not even ask; it may change at any moment.</summary>
    internal bool LooksIdle => _phase == Phase.Valid && _running == 0 && Volatile.Read(ref _isEntered) == 0;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        if (ReferenceEquals(InTurn, this))
            BeginEnd(deactivationReason, cancellationToken);
        else
            PostEnd(deactivationReason, cancellationToken);
    }

    private void PostEnd(DeactivationReason reason, CancellationToken cancellationToken) =>
        Post(new ActionItem(activation => activation.BeginEnd(reason, cancellationToken)));

    /// <summary>Ends it if it has been idle since <paramref name="since"/>.</summary>
    internal void Collect(long since) => Post(new ActionItem(activation =>
    {
        var keptUntil = activation._extras?.KeptUntil ?? 0;
        if (activation is { _phase: Phase.Valid, _running: 0, _waitingFirst: null } &&
            activation._lastUsed <= since && keptUntil <= Environment.TickCount64)
        {
            activation.BeginEnd(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "The grain has been idle."), default);
        }
    }));

    /// <summary>As after a crash of its process: memory is gone, nothing of the grain runs at its end, and callers learn
    /// nothing of the calls that run.</summary>
    internal void Crash() => Post(new ActionItem(static activation =>
    {
        if (activation._phase is not (Phase.Valid or Phase.New))
            return;

        activation.DisposeTimers();
        activation.Detach();
        activation._phase = Phase.Ended;
        for (var call = activation._suspendedFirst; call is not null; call = (Call?)call.Next)
            call.Refuse(activation.Silo.Timeouts.TimeoutOf(call));
        activation.ForwardWaiting();
        activation.Gone();
    }));

    /// <summary>Leaves the directory and goes on beside a second activation, as can happen for a while in a cluster.</summary>
    internal void Stray()
    {
        Silo.AddStray(this);
        Detach();
    }

    internal void DelayCollection(TimeSpan time) => Extras.KeptUntil =
        time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? long.MaxValue
        : time <= TimeSpan.Zero ? 0
        : Environment.TickCount64 + (long)time.TotalMilliseconds;

    internal IGrainTimer StartTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (!ReferenceEquals(InTurn, this))
            throw new InvalidOperationException("A grain timer is started from within a turn of its grain.");

        var timer = new GrainTimer(this, callback, options);
        (Extras.Timers ??= []).Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    internal void Forget(GrainTimer timer)
    {
        if (ReferenceEquals(InTurn, this))
            _extras?.Timers?.Remove(timer);
        else
            Post(new ActionItem(activation => activation._extras?.Timers?.Remove(timer)));
    }

    public Task Deactivated
    {
        get
        {
            // Whoever asks late must not wait for what has been.
            var deactivated = Extras.Deactivated;
            if (_gone)
                deactivated.TrySetResult();
            return deactivated.Task;
        }
    }

    internal void AddState(IStateBridge state) => (Extras.States ??= []).Add(state);

    private void Activate()
    {
        _phase = Phase.Activating;
        try
        {
            _instance = Class.Activator.Create(this);
        }
        catch (Exception exception)
        {
            FailActivation(exception);
            return;
        }

        if (Class.HasActivation || _extras?.States is not null)
            _ = ActivateAsync();
        else
            BecomeValid();
    }

    private async Task ActivateAsync()
    {
        var timeout = Silo.Collection.ActivationTimeout;
        using var cancellation = new CancellationTokenSource(timeout);
        Extras.Activating = cancellation;
        try
        {
            foreach (var state in Extras.States ?? [])
                await state.ReadStateAsync().WaitAsync(cancellation.Token);
            await ((IGrainBase)_instance!).OnActivateAsync(cancellation.Token).WaitAsync(cancellation.Token);
        }
        catch (Exception exception)
        {
            Extras.Activating = null;
            if (_phase == Phase.Deactivating)
                End();
            else
                FailActivation(exception);
            return;
        }

        Extras.Activating = null;
        BecomeValid();
    }

    private void BecomeValid()
    {
        // It asked for its own end while it was activated.
        if (_phase == Phase.Deactivating)
        {
            End();
            return;
        }

        _lastUsed = Silo.Now;
        _phase = Phase.Valid;
        ((ICallTarget)this).Continue();
    }

    private void FailActivation(Exception exception)
    {
        Silo.Logger.LogError(exception, "{GrainClass} could not be activated", Class.Name);
        DisposeTimers();
        Detach();
        _phase = Phase.Ended;
        while (_waitingFirst is { } call)
        {
            Dequeue(call, null);
            if (call.Method.OneWay && !call.IsLocal)
                Silo.Logger.LogWarning("{Method} of {GrainClass} was not run", call.Method.Name, Class.Name);
            call.Refuse(exception);
        }

        _ = DisposeInstanceAsync();
    }

    private void BeginEnd(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_phase is Phase.Deactivating or Phase.Ended)
            return;

        // Of most grains nobody hears of their end, and a million of them may come and go.
        if (Class.HasDeactivation)
        {
            var extras = Extras;
            extras.Reason = reason;
            extras.Deactivating = cancellationToken;
            extras.WasValid = _phase == Phase.Valid;
        }

        var wasActivating = _phase == Phase.Activating;
        _phase = Phase.Deactivating;
        if (wasActivating)
            _extras?.Activating?.Cancel();
        else if (_running == 0)
            Post(new ActionItem(static activation => activation.End()));
    }

    private void End()
    {
        if (_ending)
            return;

        _ending = true;
        DisposeTimers();
        if (Class.HasDeactivation && _extras is { WasValid: true })
            _ = EndAsync();
        else
            Ended();
    }

    private async Task EndAsync()
    {
        var extras = Extras;
        using (var cancellation = CancellationTokenSource.CreateLinkedTokenSource(extras.Deactivating))
        {
            cancellation.CancelAfter(Silo.Collection.DeactivationTimeout);
            try
            {
                await ((IGrainBase)_instance!).OnDeactivateAsync(extras.Reason, cancellation.Token).WaitAsync(cancellation.Token);
            }
            catch (Exception exception)
            {
                Silo.Logger.LogError(exception, "The deactivation of {GrainClass} failed", Class.Name);
            }
        }

        Ended();
    }

    private void Ended()
    {
        Detach();
        _phase = Phase.Ended;
        ForwardWaiting();
        _ = DisposeInstanceAsync();
    }

    private async Task DisposeInstanceAsync()
    {
        var instance = _instance;
        _instance = null;
        try
        {
            if (instance is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (instance is IDisposable disposable)
                disposable.Dispose();
            if (_extras is not null)
                await _extras.DisposeServicesAsync();
        }
        catch (Exception exception)
        {
            Silo.Logger.LogError(exception, "{GrainClass} could not be disposed", Class.Name);
        }

        Gone();
    }

    private void Gone()
    {
        _gone = true;
        _extras?.Deactivated.TrySetResult();
    }

    private void Detach()
    {
        Class.Remove(this);
        IsDetached = true;
    }

    private void ForwardWaiting()
    {
        while (_waitingFirst is { } call)
        {
            Dequeue(call, null);
            Forward(call);
        }
    }

    /// <summary>Sends a call that came too late to a fresh activation.</summary>
    private void Forward(Call call)
    {
        if (call.IsMoot || call.IsLocal)
            return;

        if (++call.Forwards > Call.ForwardsMax)
        {
            call.Refuse(new OrleansMessageRejectionException($"{call.Method.Name} met {Call.ForwardsMax + 1} ended activations."));
            return;
        }

        call.Reference.Deliver(call);
    }

    private void DisposeTimers()
    {
        if (_extras?.Timers is not { } timers)
            return;

        _extras.Timers = null;
        foreach (var timer in timers)
            timer.Stop();
    }
}
