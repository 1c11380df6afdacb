using System.Collections.Frozen;
using Orleans;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Tracking;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Programs;

/// <summary>
/// The programs in force, for what is decided before an event reaches its partition. Read when the process starts, after each publication
/// here, and within seconds after one elsewhere; at the start it also brings publications to partitions that missed them.
/// </summary>
internal sealed partial class ProgramBoard(
    ProgramLedger ledger, IGrainFactory grains, ServerOptions options, TimeProvider time, ILogger<ProgramBoard> logger) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private FrozenDictionary<string, PublishedProgram> _current = FrozenDictionary<string, PublishedProgram>.Empty;
    private FrozenDictionary<string, TrackingPlan> _plans = FrozenDictionary<string, TrackingPlan>.Empty;
    private long _seen = -1;

    public PublishedProgram Current(string tenant) => _current.GetValueOrDefault(tenant) ?? PublishedProgram.DefaultOf(tenant);

    public IEnumerable<PublishedProgram> WithOffers => _current.Values.Where(program => program.Document.Offers.Count > 0);

    /// <summary>Null when no event of the tenant is looked at.</summary>
    public TrackingPlan? PlanOf(string tenant) => _plans.GetValueOrDefault(tenant);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await ReloadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public async Task ReloadAsync(CancellationToken cancellation)
    {
        var current = new Dictionary<string, PublishedProgram>(StringComparer.Ordinal);
        foreach (var program in await ledger.ReadAllAsync(cancellation))
            current[program.Tenant] = program;
        _current = current.ToFrozenDictionary(StringComparer.Ordinal);
        _plans = options.WithoutTrackingPlan
            ? FrozenDictionary<string, TrackingPlan>.Empty
            : current.Where(c => !c.Value.Document.TrackingPlan.IsIdle)
                .ToFrozenDictionary(c => c.Key, c => c.Value.Document.TrackingPlan, StringComparer.Ordinal);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isSpread = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var newest = (await grains.GetGrain<IPartitionGrain>(0).TouchAsync()).ProgramOffset;
                if (newest != _seen)
                    await ReloadAsync(stoppingToken);
                _seen = newest;
                if (!isSpread)
                    await ledger.SpreadAsync();
                isSpread = true;
            }
            catch (Exception exception) when (Unavailable.IsOfGrain(exception))
            {
                if (!stoppingToken.IsCancellationRequested)
                    LogUnread(exception.GetType().Name);
            }

            await Task.Delay(Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The programs in force could not be read again: {Reason}")]
    private partial void LogUnread(string reason);
}
