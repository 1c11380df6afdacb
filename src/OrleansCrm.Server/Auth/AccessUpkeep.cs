using OrleansCrm.Journal;
using OrleansCrm.Journal.Accounts;
using OrleansCrm.Server.Alerts;

namespace OrleansCrm.Server.Auth;

/// <summary>
/// Keeps the copy of the keys fresh, stores when they were used, ends the hub connections of sessions that ended elsewhere, and clears away
/// what has expired.
/// </summary>
internal sealed partial class AccessUpkeep(
    KeyRing keys,
    CustomerTokens tokens,
    Sessions sessions,
    AgentConnections connections,
    IAccountStore store,
    AccessOptions options,
    TimeProvider time,
    ILogger<AccessUpkeep> logger) : BackgroundService
{
    private static readonly TimeSpan SessionsEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ClearEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    /// <summary>Rows that go in one transaction: short enough that ingest does not notice.</summary>
    private const int ExpiredMax = 2_000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.KeyRefresh, time);
        long? sessionsChecked = null, cleared = null, pruned = null;
        try
        {
            do
            {
                await DoAsync(() => keys.RefreshAsync(stoppingToken));
                if (IsDue(ref sessionsChecked, SessionsEvery))
                    await DoAsync(() => connections.CloseEndedAsync(hash => IsOpenAsync(hash, stoppingToken)));
                if (IsDue(ref cleared, ClearEvery))
                    await DoAsync(() => ClearAsync(stoppingToken));
                if (IsDue(ref pruned, PruneEvery))
                    await DoAsync(() => store.PruneNotesAsync(NowMs - (long)options.AuditRetention.TotalMilliseconds, options.AuditNotesMax, stoppingToken));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await DoAsync(() => keys.StoreUsesAsync(CancellationToken.None));
        }
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task ClearAsync(CancellationToken cancellation)
    {
        await keys.StoreUsesAsync(cancellation);
        while (await store.DeleteExpiredAsync(NowMs, ExpiredMax, cancellation))
            cancellation.ThrowIfCancellationRequested();
        await tokens.CountAsync(cancellation);
    }

    private async Task<bool> IsOpenAsync(string sessionHash, CancellationToken cancellation) =>
        await sessions.FindByHashAsync(sessionHash, cancellation) is not null;

    private bool IsDue(ref long? last, TimeSpan every)
    {
        if (last is { } before && time.GetElapsedTime(before) < every)
            return false;
        last = time.GetTimestamp();
        return true;
    }

    private async Task DoAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is JournalException or InvalidOperationException)
        {
            // What is known goes on until the database is back; the next round tries again.
            LogNotDone(e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Keys and sessions could not be looked after: {Reason}")]
    private partial void LogNotDone(string reason);
}
