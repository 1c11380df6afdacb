using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace OrleansCrm.EmbeddedSilo;

internal sealed partial class Activation : IThreadPoolWorkItem
{
    /// <summary>A busy activation gives its thread back after this many items, so that others are not kept waiting.</summary>
    private const int ItemsPerRun = 128;

    /// <summary>The same after a millisecond, where they are long.</summary>
    private static readonly long TicksPerRun = Stopwatch.Frequency / 1_000;

    // What a thread has that carries nothing from its caller.
    private static readonly ExecutionContext? Clean = CaptureClean();

    private static readonly Action<object?> AcceptAction = static state =>
    {
        var call = (Call)state!;
        ((Activation)call.Target).Accept(call);
    };

    private static readonly Action<object?> DrainAction = static activation => ((Activation)activation!).Drain(insideTask: true);

    // Arrived items, newest first.
    private WorkItem? _inbox;

    // 1 while a thread is inside or the thread pool has been asked for one: whoever makes it 1 sees to that. A number beside the mailbox,
    // not a mark in it: to exchange a reference tells the collector of garbage to look through all that lies around this activation.
    private int _isEntered;

    // Taken items, oldest first.
    private WorkItem? _batch;
    private bool _isWatched;

    /// <summary>The activation whose turn the calling thread is in.</summary>
    internal static Activation? InTurn => WorkerThread.CurrentActivation;

    internal void Post(WorkItem item)
    {
        var head = Volatile.Read(ref _inbox);
        while (true)
        {
            item.Next = head;
            var seen = Interlocked.CompareExchange(ref _inbox, item, head);
            if (ReferenceEquals(seen, head))
                break;
            head = seen;
        }

        if (TryEnter())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>Runs a call on the caller's thread if nobody is inside and nothing waits.</summary>
    internal bool TryRunNow(Call call, long now)
    {
        if (_phase != Phase.Valid || Volatile.Read(ref _isEntered) != 0 || Volatile.Read(ref _inbox) is not null)
            return false;
        var worker = WorkerThread.Current;
        if (!worker.MayNest(now) || ExecutionContext.Capture() is not { } context || !TryEnter())
            return false;

        worker.Enter(this);
        if (!ReferenceEquals(context, Clean))
            ExecutionContext.Restore(Clean!);
        call.Target = this;
        new Task(AcceptAction, call, CancellationToken.None, TaskCreationOptions.DenyChildAttach).RunSynchronously(this);
        if (!ReferenceEquals(context, Clean))
            ExecutionContext.Restore(context);
        worker.Leave();

        // What has arrived meanwhile is not the caller's business, but mostly what he will wait for: this thread takes it when he does,
        // unless another is free before.
        if (!TryRelease())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return true;
    }

    void IThreadPoolWorkItem.Execute()
    {
        var worker = WorkerThread.Current;
        worker.BeginStretch(Environment.TickCount64);
        worker.Enter(this);

        // Code of the grain runs inside a task of this scheduler, so that what it awaits or starts comes back here. The
        // rest of a method is such a task already; only new calls need one around them.
        if (!Drain(insideTask: false))
            new Task(DrainAction, this, CancellationToken.None, TaskCreationOptions.DenyChildAttach).RunSynchronously(this);
        worker.Leave();
    }

    internal void Execute(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => Post(new TaskItem(task));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        ReferenceEquals(InTurn, this) && TryExecuteTask(task);

    protected override IEnumerable<Task>? GetScheduledTasks() => null;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Works the mailbox off. False when the next item needs a task around it.</summary>
    private bool Drain(bool insideTask)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < ItemsPerRun && (i == 0 || Stopwatch.GetTimestamp() - began < TicksPerRun);)
        {
            _batch ??= TakeInbox();
            if (_batch is not { } item)
            {
                if (TryRelease())
                    return true;
                continue;
            }

            if (!insideTask && item is not TaskItem)
                return false;

            _batch = item.Next;
            item.Next = null;
            i++;
            Run(item);
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return true;
    }

    private void Run(WorkItem item)
    {
        try
        {
            item.Run(this);
        }
        catch (Exception exception)
        {
            // A grain's failures are answered where they happen: this one is ours, and must not take the mailbox with it.
            Silo.Logger.LogCritical(exception, "The runtime failed in {GrainClass}", Class.Name);
        }
    }

    private WorkItem? TakeInbox()
    {
        WorkItem? oldestFirst = null;
        for (var newest = Interlocked.Exchange(ref _inbox, null); newest is not null;)
        {
            var older = newest.Next;
            newest.Next = oldestFirst;
            oldestFirst = newest;
            newest = older;
        }

        return oldestFirst;
    }

    /// <summary>Leaves the activation if nothing has arrived. Afterwards another thread may be inside.</summary>
    private bool TryRelease()
    {
        if ((_running > 0 || _waitingFirst is not null) && !_isWatched)
        {
            _isWatched = true;
            Silo.Timeouts.Watch(this);
        }

        if (Volatile.Read(ref _inbox) is not null)
            return false;
        Interlocked.Exchange(ref _isEntered, 0);

        // Whoever has put something in meanwhile has found it entered.
        return Volatile.Read(ref _inbox) is null || !TryEnter();
    }

    private bool TryEnter() => Volatile.Read(ref _isEntered) == 0 && Interlocked.CompareExchange(ref _isEntered, 1, 0) == 0;

    private static ExecutionContext? CaptureClean()
    {
        ExecutionContext? clean = null;
        var thread = new Thread(() => clean = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return clean;
    }
}
