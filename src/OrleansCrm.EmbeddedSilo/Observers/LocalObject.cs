using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>An object outside the grains that grains can call. Held weakly; its calls run on the thread pool one after the
/// other. Who calls an object that is gone, or whose reference was deleted, gets no answer but the timeout.</summary>
internal sealed class LocalObject(Silo silo, IAddressable observer) : ICallTarget
{
    private static readonly GrainType ObserverType = GrainType.Create("sys.client");

    private readonly WeakReference<IAddressable> _observer = new(observer);
    private readonly Guid _id = Guid.NewGuid();
    private readonly Lock _lock = new();
    private readonly Queue<Call> _waiting = new();
    private bool _busy;
    private volatile bool _deleted;

    internal Silo Silo { get; } = silo;

    internal GrainId GrainId => GrainId.Create(ObserverType, _id.ToString("N"));

    internal void Receive(Call call)
    {
        if (!call.Method.OneWay)
            Silo.Timeouts.Watch(call);

        lock (_lock)
        {
            _waiting.Enqueue(call);
            if (_busy)
                return;
            _busy = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static self => self.RunNext(), this, preferLocal: false);
    }

    public void Suspended(Call call)
    {
    }

    public void Ended(Call call, Exception? failure)
    {
        if (failure is not null && call.Method.OneWay)
            Silo.Logger.LogWarning(failure, "{Method} of an observer failed; nobody waits for it", call.Method.Name);
    }

    public void Continue() => ThreadPool.UnsafeQueueUserWorkItem(static self => self.RunNext(), this, preferLocal: false);

    internal void Delete() => _deleted = true;

    private void RunNext()
    {
        while (true)
        {
            Call? call;
            lock (_lock)
            {
                if (!_waiting.TryDequeue(out call))
                {
                    _busy = false;
                    return;
                }
            }

            if (call.IsMoot)
                continue;
            if (_deleted || !_observer.TryGetTarget(out var target))
            {
                Silo.Logger.LogDebug("{Method} was called on an observer that is gone", call.Method.Name);
                continue;
            }

            // Continue comes back for the next one.
            call.Target = this;
            call.Invoke(target);
            return;
        }
    }
}
