using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Models;
using OrleansCrm.Server.Programs;

namespace OrleansCrm.Server.Backtest;

/// <summary>Reads who bought when out of a database, beside a running server too.</summary>
internal static class JournalHistory
{
    /// <returns>Customers whose purchases are all known by themselves: all with at most a thousand orders.</returns>
    public static async Task<Buyer[]> ReadAsync(BacktestOptions options, CancellationToken cancellation)
    {
        await using var database = await ReadOnlyDatabase.OpenAsync(options.Data, options.Database, cancellation);
        var program = await ProgramLedger.CurrentOfAsync(database.Journal, options.Tenant, cancellation);
        var records = await PurchaseRecords.ReadAsync(database.Journal, options.Tenant, program.Document, segmentsAtMs: null, cancellation);
        return
        [
            .. records.Where(r => r.IsComplete)
                .Select(r => new Buyer(r.Customer, [.. r.Purchases.GroupBy(p => DayOf(p.TimeMs)).Select(d => new PurchaseDay(d.Key, d.Sum(p => p.ValueMicros / 1e6)))]))
                .OrderBy(b => b.Id, StringComparer.Ordinal),
        ];
    }

    private static DateOnly DayOf(long unixMs) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime);
}
