using Orleans.Configuration;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Takes activations out of memory that nobody has called for a while, and the longest unused ones when too many
/// are resident. Grains that are kept alive are not counted.</summary>
internal sealed class Collector : IDisposable
{
    private readonly Silo _silo;
    private readonly int _residentMax;
    private Timer? _timer;
    private int _resident;
    private int _shedding;

    internal Collector(Silo silo, int residentMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(residentMax, 1);
        _silo = silo;
        _residentMax = residentMax;
        var options = silo.Collection;
        if (options.CollectionQuantum <= TimeSpan.Zero || options.CollectionAge <= options.CollectionQuantum)
        {
            throw new ArgumentException(
                $"{nameof(GrainCollectionOptions)}: 0 < CollectionQuantum < CollectionAge does not hold.", nameof(silo));
        }
    }

    /// <summary>How many activations could be collected.</summary>
    internal int Resident => Volatile.Read(ref _resident);

    public void Dispose() => _timer?.Dispose();

    internal void Start()
    {
        var quantum = _silo.Collection.CollectionQuantum;
        _timer = new Timer(static collector => ((Collector)collector!).CollectIdle(), this, quantum, quantum);
    }

    internal void Added(GrainClass grainClass)
    {
        if (grainClass.CollectionAge is not null && Interlocked.Increment(ref _resident) > _residentMax)
            BeginShedding();
    }

    internal void Removed(GrainClass grainClass)
    {
        if (grainClass.CollectionAge is not null)
            Interlocked.Decrement(ref _resident);
    }

    internal void CollectIdle()
    {
        foreach (var grainClass in _silo.Classes.All)
        {
            if (grainClass.CollectionAge is not { } age)
                continue;
            var since = Environment.TickCount64 - (long)age.TotalMilliseconds;
            foreach (var activation in grainClass.Activations)
            {
                if (activation.LastUsed <= since && activation.LooksIdle)
                    activation.Collect(since);
            }
        }

        // Those that were busy at the last search.
        if (Resident > _residentMax)
            BeginShedding();
    }

    private void BeginShedding()
    {
        if (Interlocked.Exchange(ref _shedding, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static collector => collector.Shed(), this, preferLocal: false);
    }

    /// <summary>Down to nine tenths, so that the search pays for many new activations.</summary>
    private void Shed()
    {
        var idle = new List<(long LastUsed, Activation Activation)>();
        foreach (var grainClass in _silo.Classes.All)
        {
            if (grainClass.CollectionAge is not null)
            {
                idle.AddRange(grainClass.Activations
                    .Where(static activation => activation.LooksIdle)
                    .Select(static activation => (activation.LastUsed, activation)));
            }
        }

        idle.Sort(static (a, b) => a.LastUsed.CompareTo(b.LastUsed));
        var surplus = Resident - (int)(_residentMax * 0.9);
        foreach (var (lastUsed, activation) in idle.Take(surplus))
            activation.Collect(lastUsed);
        Volatile.Write(ref _shedding, 0);
    }
}
