using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>The silo of this process: grain classes, their activations, and the clocks that watch over them.</summary>
internal sealed class Silo : IDisposable
{
    private readonly FaultInjection? _faults;
    private readonly ConcurrentBag<Activation> _strays = [];
    private readonly Timer _clock;
    private long _now = Environment.TickCount64;
    private volatile State _state;

    public Silo(
        IServiceProvider services,
        ServiceLifetimes lifetimes,
        IOptions<GrainCollectionOptions> collection,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<EmbeddedSiloOptions> embedded,
        ILogger<Silo> logger)
    {
        Services = services;
        Lifetimes = lifetimes;
        Collection = collection.Value;
        Logger = logger;
        TimeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        CopiesValues = embedded.Value.CopiesValues;
        Classes = new GrainClasses(this);
        GrainFactory = new GrainFactory(this);
        Collector = new Collector(this, embedded.Value.ResidentActivationsMax);
        Timeouts = new Timeouts(messaging.Value.ResponseTimeout);
        if (embedded.Value.Faults is { } faults)
            _faults = new FaultInjection(this, faults);
        _clock = new Timer(static silo => ((Silo)silo!)._now = Environment.TickCount64, this, 100, 100);
    }

    private enum State
    {
        New,
        Running,
        Stopping,
    }

    internal IServiceProvider Services { get; }

    internal ServiceLifetimes Lifetimes { get; }

    internal GrainCollectionOptions Collection { get; }

    internal ILogger Logger { get; }

    internal TimeProvider TimeProvider { get; }

    internal bool CopiesValues { get; }

    internal GrainClasses Classes { get; }

    internal GrainFactory GrainFactory { get; }

    internal Collector Collector { get; }

    internal Timeouts Timeouts { get; }

    internal bool IsRunning => _state == State.Running;

    /// <summary><see cref="Environment.TickCount64"/>, a tenth of a second old at most: idleness needs no better, and every
    /// call reads it.</summary>
    internal long Now => Volatile.Read(ref _now);

    public void Dispose()
    {
        _clock.Dispose();
        Timeouts.Dispose();
        Collector.Dispose();
    }

    internal void Start()
    {
        _state = State.Running;
        Collector.Start();
    }

    /// <summary>Ends all activations, at the same time, and waits for them. No new ones are made meanwhile: a grain that
    /// calls another one at its end may be refused.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        _state = State.Stopping;
        var reason = new DeactivationReason(DeactivationReasonCode.ShuttingDown, "This process is terminating.");

        // A caller that was past the check above may have made one more.
        for (var ending = Residents(); ending.Count > 0; ending = Residents())
        {
            foreach (var activation in ending)
                activation.Deactivate(reason, cancellationToken);
            await Task.WhenAll(ending.Select(static activation => activation.Deactivated)).WaitAsync(cancellationToken);
        }
    }

    internal void AddStray(Activation activation) => _strays.Add(activation);

    internal void Send(Call call)
    {
        if (_state == State.New)
        {
            call.Refuse(new SiloUnavailableException("The silo has not been started."));
            return;
        }

        var method = call.Method;
        if (CopiesValues && !TryCopyArguments(call))
            return;
        var now = Environment.TickCount64;
        if (!method.OneWay)
            Timeouts.SetDeadline(call, now);
        if (method.Cancellable && call.Cancellation is { CanBeCanceled: true } token)
            call.ObserveCancellation(token);

        if (_faults is null)
            call.Reference.Deliver(call, method.OneWay ? null : now);
        else
            _faults.Deliver(call);
    }

    private static bool TryCopyArguments(Call call)
    {
        try
        {
            call.CopyArguments();
            return true;
        }
        catch (NotSupportedException exception)
        {
            call.Refuse(exception);
            return false;
        }
    }

    private List<Activation> Residents() => 
    [
        .. Classes.All.SelectMany(static grainClass => grainClass.Activations),
        .. _strays.Where(static activation => !activation.HasEnded),
    ];
}
