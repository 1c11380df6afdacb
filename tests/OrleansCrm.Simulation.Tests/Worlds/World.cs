using System.Globalization;

namespace OrleansCrm.Simulation.Tests.Worlds;

/// <summary>
/// Everything that happens in one run, one thing at a time. The thread pool of the process has one thread, and the world is a work item
/// of it that lets the next event happen only when nothing else waits there: the grains have come to rest. So the order of everything
/// follows from the seed, and a red seed runs again as it ran.
/// </summary>
internal sealed class World : IThreadPoolWorkItem
{
    private const int EventsMax = 3_000_000;

    private readonly PriorityQueue<Action, (long At, long Number)> _events = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string>? _trace;
    private long _number;
    private long _mono = TimeSpan.FromDays(100).Ticks;
    private DateTimeOffset _wallAtZero = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero) - TimeSpan.FromDays(100);
    private Task _scenario = Task.CompletedTask;
    private Func<World, Task>? _beginning;

    public World(int seed, bool traces)
    {
        Seed = seed;
        Random = new Random(seed);
        _trace = traces ? [] : null;
    }

    public int Seed { get; }

    public Random Random { get; }

    /// <summary>Of the monotonic clock, in ticks.</summary>
    public long Mono => _mono;

    public DateTimeOffset Wall => _wallAtZero.AddTicks(_mono);

    public long WallMs => Wall.ToUnixTimeMilliseconds();

    public IReadOnlyList<string> Trace => _trace ?? [];

    /// <summary>What went wrong, in the order found.</summary>
    public List<string> Violations { get; } = [];

    public long Events { get; private set; }

    /// <summary>Tells two runs apart.</summary>
    public ulong Digest { get; private set; } = 14_695_981_039_346_656_037;

    public Task RunAsync(Func<World, Task> scenario)
    {
        _beginning = scenario;
        Requeue();
        return _ended.Task;
    }

    void IThreadPoolWorkItem.Execute()
    {
        // The thread asks its own queue first and this one last; whatever waits still belongs to the event before.
        if (ThreadPool.PendingWorkItemCount > 0)
        {
            Requeue();
            return;
        }

        try
        {
            if (_beginning is { } beginning)
            {
                _beginning = null;
                _scenario = beginning(this);
            }
            else if (_scenario.IsCompleted)
            {
                End();
                return;
            }
            else if (Violations.Count > 0 || !_events.TryDequeue(out var happen, out var place) || ++Events > EventsMax)
            {
                if (Violations.Count == 0)
                    Violate("the run came to no end");
                _ended.TrySetResult();
                return;
            }
            else
            {
                _mono = Math.Max(_mono, place.At);
                Mix((ulong)_mono);
                Mix((ulong)place.Number);
                happen();
            }
        }
        catch (Exception exception)
        {
            _ended.TrySetException(exception);
            return;
        }

        Requeue();
    }

    public void In(TimeSpan delay, Action happen) => _events.Enqueue(happen, (_mono + Math.Max(0, delay.Ticks), _number++));

    public Task DelayAsync(TimeSpan delay)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        In(delay, done.SetResult);
        return done.Task;
    }

    /// <summary>Time passes in which nothing ran.</summary>
    public void Advance(TimeSpan by) => _mono += by.Ticks;

    /// <summary>Somebody sets the wall clock.</summary>
    public void JumpWall(TimeSpan by) => _wallAtZero += by;

    public void Violate(string what)
    {
        Say("VIOLATION: " + what);
        Violations.Add(what);
    }

    public void Say(string what) => _trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{Wall:yyyy-MM-dd HH:mm:ss.fffffff} {what}"));

    public void Mix(string what)
    {
        foreach (var c in what)
            Mix(c);
    }

    public TimeSpan Between(double fromSeconds, double toSeconds) => TimeSpan.FromSeconds(fromSeconds + Random.NextDouble() * (toSeconds - fromSeconds));

    public bool Draw(double probability) => probability > 0 && Random.NextDouble() < probability;

    public int Pick(int below) => Random.Next(below);

    public T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];

    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    private void Mix(ulong value) => Digest = (Digest ^ value) * 1_099_511_628_211;

    private void Requeue() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    private void End()
    {
        if (_scenario.IsFaulted)
            _ended.TrySetException(_scenario.Exception!.InnerException!);
        else
            _ended.TrySetResult();
    }
}
