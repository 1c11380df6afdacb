using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Grains.Decisions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Decisions;

/// <summary>
/// Learns what goes with what, tenant by tenant: at the start from the newest entries of the journal, then from what this process commits.
/// </summary>
internal sealed partial class ProductLearning(
    IGrainFactory grains, IJournal journal, ProductFeed feed, DecisionBoard tables, ServerOptions options, TimeProvider time, ILogger<ProductLearning> logger)
    : BackgroundService
{
    private const int Page = 1_000;

    /// <summary>A partition that has not replayed after a minute is not waited for.</summary>
    private const int LooksMax = 600;
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(100);

    /// <summary>After so much work it rests nineteen times as long: a twentieth of one core, whatever comes in. What does not fit is missed.</summary>
    private static readonly TimeSpan Stretch = TimeSpan.FromMilliseconds(2);
    private const int RestPerWork = 19;

    private readonly Dictionary<string, ProductLearner> _learners = new(StringComparer.Ordinal);
    private Task _coming = Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Whoever starts the host may have a context of its own, which is not to be kept busy.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        feed.Open();
        try
        {
            await WarmUpAsync(stoppingToken);
        }
        catch (Exception exception) when (exception is JournalException || Unavailable.IsOfGrain(exception))
        {
            // Learned without the past, from now on.
            if (!stoppingToken.IsCancellationRequested)
                LogCold(exception.GetType().Name);
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            PutUp();
            var rest = Task.Delay(options.Decisions.LearningPeriod, time, stoppingToken);
            while (!rest.IsCompleted)
                await LearnWhatCameAsync(rest, stoppingToken);
        }
    }

    private async Task LearnWhatCameAsync(Task rest, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (feed.TryTake(out var entries))
        {
            foreach (var entry in entries)
                Learn(entry);
            if (time.GetElapsedTime(began) is var worked && worked < Stretch)
                continue;
            await Task.Delay(worked * RestPerWork, time, cancellation);
            began = time.GetTimestamp();
        }

        _coming = _coming.IsCompleted ? feed.WaitAsync(cancellation).AsTask() : _coming;
        await Task.WhenAny(_coming, rest);
    }

    private async Task WarmUpAsync(CancellationToken cancellation)
    {
        var partitions = journal.Identity.Partitions;
        for (var partition = 0; partition < partitions; partition++)
        {
            var head = await FindHeadAsync(partition, cancellation);
            for (var from = Math.Max(0, head - options.Decisions.WarmEntriesMax / partitions); from < head;)
            {
                var entries = await journal.ReadAsync(partition, from, Page, cancellation);
                if (entries.Length == 0)
                    break;
                foreach (var entry in entries)
                    Learn(entry);
                from = entries[^1].Offset + 1;
            }
        }
    }

    /// <summary>Where the partition stands once it has replayed.</summary>
    private async Task<long> FindHeadAsync(int partition, CancellationToken cancellation)
    {
        var status = await grains.GetGrain<IPartitionGrain>(partition).TouchAsync();
        for (var looks = 0; !status.Ready && looks < LooksMax; looks++)
        {
            await Task.Delay(LookPeriod, time, cancellation);
            status = await grains.GetGrain<IPartitionGrain>(partition).TouchAsync();
        }

        return status.Head;
    }

    private void Learn(Entry entry)
    {
        if (entry.Customer.Length == 0)
            return;
        var tenant = CustomerKey.TenantOf(entry.Customer);
        if (!_learners.TryGetValue(tenant, out var learner))
            _learners.Add(tenant, learner = new ProductLearner());
        ProductEvents.Learn(learner, entry);
    }

    private void PutUp()
    {
        foreach (var (tenant, learner) in _learners)
        {
            if (!learner.IsChanged)
                continue;
            var learned = learner.Build();
            tables.Renew(tenant, now => now.With(learned));
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "What goes with what is learned without the past: {Reason}")]
    private partial void LogCold(string reason);
}
