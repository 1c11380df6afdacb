namespace OrleansCrm.EmbeddedSilo;

/// <summary>
/// A thread that runs turns, and whose turns it is in: a call to an idle activation runs at once on the caller's thread, for
/// handing it to another thread costs many times the call. That is bounded in depth, number and time, so that a caller that
/// makes many calls still gives its thread back, and long turns still spread over the processors.
/// </summary>
internal sealed class WorkerThread
{
    private const int DepthMax = 8;
    private const int NestedMax = 128;
    private const int MillisecondsMax = 4;

    private static readonly List<WeakReference<WorkerThread>> All = [];

    [ThreadStatic]
    private static WorkerThread? t_current;

    private readonly Activation?[] _turns = new Activation?[DepthMax];
    private readonly Call?[] _starting = new Call?[DepthMax];
    private int _depth;
    private int _nested;
    private long _since;

    internal static WorkerThread Current => t_current ?? Add();

    internal static Activation? CurrentActivation => t_current is { _depth: > 0 } thread ? thread._turns[thread._depth - 1] : null;

    /// <summary>The call that is in its first turn in the activation entered last.</summary>
    internal Call? Starting
    {
        set => _starting[_depth - 1] = value;
    }

    internal void Enter(Activation activation) => _turns[_depth++] = activation;

    internal void Leave() => _turns[--_depth] = null;

    /// <summary>Begins a stretch of turns that the thread pool has given to this thread.</summary>
    internal void BeginStretch(long now)
    {
        _nested = 0;
        _since = now;
    }

    /// <summary>Whether a call may run on this thread, within the caller's turn.</summary>
    internal bool MayNest(long now)
    {
        // The awaits of a turn would go where this context sends them, not back to the grain.
        if (_depth == DepthMax || SynchronizationContext.Current is not null)
            return false;
        if (++_nested <= NestedMax && now - _since <= MillisecondsMax)
            return true;

        BeginStretch(now);
        return false;
    }

    /// <summary>The activations that are in a turn on some thread, with the calls that begin there. The watch over timeouts asks, for a
    /// turn that blocks its thread answers nobody by itself.</summary>
    internal static List<(Activation Activation, Call? Starting)> Turns()
    {
        var found = new List<(Activation, Call?)>();
        lock (All)
        {
            All.RemoveAll(static thread => !thread.TryGetTarget(out _));
            foreach (var thread in All)
            {
                if (!thread.TryGetTarget(out var worker))
                    continue;
                for (var depth = 0; depth < DepthMax; depth++)
                {
                    if (worker._turns[depth] is { } activation)
                        found.Add((activation, worker._starting[depth]));
                }
            }
        }

        return found;
    }

    private static WorkerThread Add()
    {
        var worker = new WorkerThread();
        lock (All)
            All.Add(new WeakReference<WorkerThread>(worker));
        return t_current = worker;
    }
}
