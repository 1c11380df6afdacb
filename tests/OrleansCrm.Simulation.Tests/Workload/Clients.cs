using Orleans.Runtime;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Simulation.Tests.Engine;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Workload;

/// <summary>
/// Whoever calls the engine. They never give up: what was not acknowledged is sent again until it is. They remember every answer and
/// hold each new one against it.
/// </summary>
internal sealed partial class Clients(World world, Weather weather, Ledger ledger)
{
    private readonly List<Task> _underWay = [];
    private int _messages;

    /// <summary>The process that has started last.</summary>
    public Incarnation Process { get; set; } = null!;

    /// <summary>A process that goes on beside it for a while, or null.</summary>
    public Incarnation? Old { get; set; }

    public string[] Users { get; } =
        [.. Enumerable.Range(0, weather.Customers).Select(i => Events.Customer(i % 4 == 3 ? "other" : "default", $"c{i}"))];

    public string[] Visitors { get; } =
        [.. Enumerable.Range(0, weather.Visitors).Select(i => Events.Visitor(i % 4 == 3 ? "other" : "default", $"v{i}"))];

    public string[] Customers => [.. Users, .. Visitors];

    public bool AreDone => _underWay.TrueForAll(t => t.IsCompleted);

    public int PartitionOf(string customer) => CustomerKey.Parse(customer).PartitionOf(weather.Partitions);

    public void Begin(Func<Task> action) => _underWay.Add(WatchAsync(action));

    /// <summary>Sends until it is acknowledged.</summary>
    public async Task<AppendResponse> SendAsync(int partition, params NewEntry[] entries)
    {
        foreach (var entry in entries)
            ledger.Note(entry, partition);
        while (true)
        {
            var process = Old is { IsDead: false } old && world.Draw(0.4) ? old : Process;
            var response = await AskAsync(process, p => p.AppendAsync(new AppendRequest(entries)), partition);
            if (response is { Status: AppendStatus.Done })
            {
                Take(entries, response);
                return response;
            }

            await world.DelayAsync(world.Between(0.005, 1));
        }
    }

    /// <summary>A profile must tell of everything that was acknowledged before it was asked for.</summary>
    public async Task LookUpAsync(string customer)
    {
        var process = Process;
        if (process.MayBeStale)
            return;
        var applied = ledger.BookOf(customer).Applied;
        var found = await AskAsync(
            process, p => p.LookupAsync(new LookupRequest(customer, LookupKind.Profile, world.WallMs, "")), PartitionOf(customer));
        if (found is null or { Status: LookupStatus.Unavailable or LookupStatus.Erased } || process.MayBeStale)
            return;
        if (found.Version < applied)
            world.Violate($"a lookup of {customer} tells of {found.Version} entries, {applied} were acknowledged before");
    }

    /// <returns>Null without an answer.</returns>
    public static async Task<T?> AskAsync<T>(Incarnation process, Func<IPartitionGrain, Task<T>> ask, int partition)
        where T : class
    {
        if (process.IsDead)
            return null;
        try
        {
            return await process.CallAsync(ask(process.Grains.GetGrain<IPartitionGrain>(partition, null)));
        }
        catch (Exception exception) when (IsNoAnswer(exception))
        {
            return null;
        }
    }

    private static bool IsNoAnswer(Exception exception) =>
        exception is TimeoutException or OrleansException or InvalidOperationException or OperationCanceledException or JournalException;

    private void Take(NewEntry[] entries, AppendResponse response)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            var sent = ledger.Messages[entries[i].MessageId];
            var (verdict, offset) = (response.Verdicts[i], response.Offsets[i]);
            world.Say($"acknowledged {entries[i].Type} {entries[i].Customer} {sent.Partition}-{offset} {verdict}");
            if (sent.IsAcknowledged && entries[i].Customer.Length > 0 && offset >= 0 && sent.Offset >= 0 && offset != sent.Offset)
                world.Violate($"{entries[i].Type} of {entries[i].Customer} was acknowledged at {sent.Partition}-{sent.Offset} and then at {offset}");
            if (offset >= 0)
                sent.Offset = offset;
            sent.IsFaulted |= verdict == EntryVerdict.Faulted;
            if (!sent.IsAcknowledged && verdict is not (EntryVerdict.Faulted or EntryVerdict.Erased) && !entries[i].Customer.EndsWith('/') && entries[i].Customer.Length > 0)
                ledger.BookOf(entries[i].Customer).Applied++;
            sent.IsAcknowledged = true;
            if (Array.Find(response.Outcomes, o => o.Index == i) is { } outcome)
                sent.Outcome = outcome;
        }
    }

    private async Task WatchAsync(Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (Exception exception)
        {
            world.Violate("a client failed: " + exception);
        }
    }
}
