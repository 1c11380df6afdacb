namespace OrleansCrm.EmbeddedSilo;

/// <summary>A thread that runs turns, and whose turn it is in. The watch over timeouts looks at all of them, for a turn that
/// blocks its thread answers nobody by itself.</summary>
internal sealed class WorkerThread
{
    private static readonly List<WeakReference<WorkerThread>> All = [];

    [ThreadStatic]
    private static WorkerThread? t_current;

    private volatile Activation? _activation;

    internal static WorkerThread Current => t_current ?? Add();

    internal static Activation? CurrentActivation => t_current?._activation;

    internal Activation? Activation => _activation;

    internal void Enter(Activation activation) => _activation = activation;

    internal void Leave() => _activation = null;

    /// <summary>The activations that are in a turn on some thread.</summary>
    internal static List<Activation> ActivationsInTurn()
    {
        var found = new List<Activation>();
        lock (All)
        {
            All.RemoveAll(static thread => !thread.TryGetTarget(out _));
            foreach (var thread in All)
            {
                if (thread.TryGetTarget(out var worker) && worker.Activation is { } activation)
                    found.Add(activation);
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
