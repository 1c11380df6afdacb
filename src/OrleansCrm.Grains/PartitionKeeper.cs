using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains;

/// <summary>
/// Touches every partition at start and every two seconds, so that wakes fire, outboxes drain and a lost partition comes back without
/// traffic. What the partitions answer is what readiness says.
/// </summary>
public sealed partial class PartitionKeeper(IGrainFactory grains, IJournal journal, TimeProvider time, ILogger<PartitionKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPeriod = TimeSpan.FromMilliseconds(50);

    private readonly PartitionStatus?[] _statuses = new PartitionStatus?[journal.Identity.Partitions];

    /// <summary>The newest answer of each partition; null for one that has not answered.</summary>
    public IReadOnlyList<PartitionStatus?> Statuses => _statuses;

    public bool IsReady => Array.TrueForAll(_statuses, s => s is { Ready: true });

    /// <summary>Stores every customer that no snapshot covers, in all partitions: what an orderly stop does before the silo goes.</summary>
    public Task FlushAsync() => Task.WhenAll(Enumerable.Range(0, _statuses.Length).Select(p => grains.GetGrain<IPartitionGrain>(p).FlushAsync()));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = FirstPeriod;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(0, _statuses.Length).Select(partition => TouchAsync(partition, stoppingToken)));

            // Quick at first, for a quick start; then slower, for a database that is away does not come back sooner for being asked.
            pause = IsReady ? Period : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, Period.Ticks));
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TouchAsync(int partition, CancellationToken stopping)
    {
        try
        {
            _statuses[partition] = await grains.GetGrain<IPartitionGrain>(partition).TouchAsync();
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            _statuses[partition] = null;
            if (!stopping.IsCancellationRequested)
                LogUntouched(partition, exception.GetType().Name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Partition {Partition} did not answer: {Reason}")]
    private partial void LogUntouched(int partition, string reason);
}
