using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>
/// One activation of a grain: its object, its mailbox and its turns. A million of them may be resident, so everything is in
/// one object: it is the task scheduler of its grain, the work item of the thread pool, and what is rare lives in
/// <see cref="ActivationExtras"/>. Only one thread at a time is inside; this file holds the turns, the mailbox is in
/// Activation.Mailbox.cs, beginning and end in Activation.Lifetime.cs.
/// </summary>
internal sealed partial class Activation : TaskScheduler, IGrainContext, ICallTarget
{
    private object? _instance;

    // The call that keeps others out; null when none runs or only interleaving ones do. One that ends in its first turn never stands here:
    // activations live long, and what points to something new is looked through by every collection of garbage.
    private Call? _blocking;
    private Call? _waitingFirst;
    private Call? _waitingLast;
    private Call? _suspendedFirst;
    private int _running;
    private bool _continuing;
    private volatile Phase _phase;
    private long _lastUsed;
    private ActivationExtras? _extras;

    internal Activation(GrainClass grainClass, string? text, long number)
    {
        Class = grainClass;
        Text = text;
        Number = number;
        _lastUsed = Silo.Now;
    }

    private enum Phase : byte
    {
        New,
        Activating,
        Valid,
        Deactivating,
        Ended,
    }

    internal GrainClass Class { get; }

    /// <summary>The text key, or null when the key is <see cref="Number"/>.</summary>
    internal string? Text { get; }

    internal long Number { get; }

    internal Silo Silo => Class.Silo;

    internal bool HasEnded => _phase == Phase.Ended;

    /// <summary>Whether it has left the directory, so that calls belong to another one.</summary>
    internal bool IsDetached { get; private set; }

    public GrainId GrainId => Class.IdOf(Text, Number);

    public object? GrainInstance => _instance;

    public IServiceProvider ActivationServices => Extras.Services(Silo);

    private ActivationExtras Extras => _extras ?? Interlocked.CompareExchange(ref _extras, new ActivationExtras(), null) ?? _extras;

    internal static Activation Of(IGrainContext context) => context as Activation
        ?? throw new InvalidOperationException("The grain was not created by the silo.");

    public override string ToString() => GrainId.ToString();

    internal void Accept(Call call)
    {
        if (call.IsMoot)
            return;

        switch (_phase)
        {
            case Phase.Valid when MayStart(call):
                Start(call);
                break;
            case Phase.New:
                Enqueue(call);
                Activate();
                break;
            case Phase.Ended:
                Forward(call);
                break;
            default:
                Enqueue(call);
                break;
        }
    }

    void ICallTarget.Suspended(Call call)
    {
        if (_blocking is null && !call.Method.AlwaysInterleave)
            _blocking = call;
        call.IsListed = true;
        call.Previous = null;
        call.Next = _suspendedFirst;
        if (_suspendedFirst is not null)
            _suspendedFirst.Previous = call;
        _suspendedFirst = call;
    }

    void ICallTarget.Ended(Call call, Exception? failure)
    {
        _running--;
        if (call.IsListed)
            Unlist(call);
        if (ReferenceEquals(_blocking, call))
            _blocking = null;
        if (call.CountsAsUse)
            _lastUsed = Silo.Now;
        if (failure is not null)
            Failed(call, failure);
    }

    /// <summary>Starts what may start now, and ends the activation when that was asked for and nothing runs any more.</summary>
    void ICallTarget.Continue()
    {
        if (_waitingFirst is null && _phase != Phase.Deactivating)
            return;

        // A call that ends in its first turn comes here again from within the loop below.
        if (_continuing)
            return;

        _continuing = true;
        while (_phase == Phase.Valid && TakeStartable() is { } call)
            Start(call);
        _continuing = false;

        if (_phase == Phase.Deactivating && _running == 0)
            End();
    }

    /// <summary>Orleans' rule: reentrant grains and interleaving methods always; read-only beside read-only; and anything
    /// once the call that came first has ended, even if others still await.</summary>
    private bool MayStart(Call call) =>
        _running == 0 || _blocking is null || Class.IsReentrant || call.Method.AlwaysInterleave ||
        (call.Method.ReadOnly && _blocking.Method.ReadOnly);

    private void Start(Call call)
    {
        _running++;
        call.Target = this;
        var worker = WorkerThread.Current;
        worker.Starting = call;
        call.Invoke(_instance!);
        worker.Starting = null;
    }

    private void Failed(Call call, Exception failure)
    {
        if (call.Method.OneWay)
            Silo.Logger.LogWarning(failure, "{Method} of {GrainClass} failed; nobody waits for it", call.Method.Name, Class.Name);

        if (failure is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            conflict.IsSourceActivation = false;
            Deactivate(new DeactivationReason(
                DeactivationReasonCode.ApplicationError, failure, "The stored state was changed by another writer."));
        }
    }

    private void Enqueue(Call call)
    {
        call.Next = null;
        if (_waitingLast is null)
            _waitingFirst = call;
        else
            _waitingLast.Next = call;
        _waitingLast = call;
    }

    private Call? TakeStartable()
    {
        Call? before = null;
        for (var call = _waitingFirst; call is not null;)
        {
            var after = (Call?)call.Next;
            if (call.IsMoot)
            {
                Dequeue(call, before);
            }
            else if (MayStart(call))
            {
                Dequeue(call, before);
                return call;
            }
            else
            {
                before = call;
            }

            call = after;
        }

        return null;
    }

    private void Dequeue(Call call, Call? before)
    {
        if (before is null)
            _waitingFirst = (Call?)call.Next;
        else
            before.Next = call.Next;
        if (ReferenceEquals(_waitingLast, call))
            _waitingLast = before;
        call.Next = null;
    }

    private void Unlist(Call call)
    {
        if (call.Previous is null)
            _suspendedFirst = (Call?)call.Next;
        else
            call.Previous.Next = call.Next;
        if (call.Next is Call next)
            next.Previous = call.Previous;
        call.IsListed = false;
        call.Next = call.Previous = null;
    }
}
