using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Grains.Tests.Support;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Grains.Tests.Partitions;

/// <summary>What a start makes of a journal that it finds.</summary>
public sealed class RecoveryTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Program_before_a_known_fault_is_folded_by_everybody()
    {
        // More than one page of a sweep: some are flushed before it comes by.
        var customers = CustomersOfPartition0(250);
        var orders = customers.Select(c => Shop.Order(c, c + "-1", Now.AddDays(-1))).ToArray();
        var faults = customers.Select(c => Shop.Unfoldable(c, "bad", Now)).ToArray();
        await JournalAsync([.. orders, Program(horizonDays: 30), .. faults], faulted: faults.Length);

        await using (var engine = await Engine.StartAsync(_directory.Path, configure: o => o.ReplayEntriesMax = 100))
        {
            await Engine.UntilAsync("the sweep is over", async () =>
                (await engine.Journal.ReadWideAsync(0, CancellationToken.None)).Any(e => e.Type == EntryTypes.ProgramSwept));
            await engine.PartitionOf(customers[0]).FlushAsync();
        }

        await using var restarted = await Engine.StartAsync(_directory.Path);
        foreach (var customer in customers)
            Assert.Equal(30, (await restarted.ProfileAsync(customer)).GetProperty("churn").GetProperty("horizonDays").GetInt32());
    }

    [Fact]
    public async Task Program_that_cannot_be_parsed_is_a_fault_and_stops_nobody()
    {
        var ada = CustomersOfPartition0(1)[0];
        var broken = new NewEntry("", Guid.NewGuid(), EntryTypes.ProgramPublished, Now.ToUnixTimeMilliseconds(), """{"tenant":"default","document":{"churn":7}}"""u8.ToArray());
        var nobodys = broken with { MessageId = Guid.NewGuid(), Payload = "{}"u8.ToArray() };
        await JournalAsync([Shop.Order(ada, "o1", Now.AddDays(-1)), broken, nobodys]);

        await using var engine = await Engine.StartAsync(_directory.Path);
        await engine.AppendAsync(Shop.Order(ada, "o2", Now));

        Assert.Equal(2, await engine.OrdersAsync(ada));
        Assert.Equal([(2, ada), (3, ada)], (await engine.Journal.ReadFaultsAsync(0, CancellationToken.None)).Select(f => ((int)f.Offset, f.Customer)));
    }

    [Fact]
    public async Task Customer_whose_snapshot_cannot_be_read_does_not_stop_the_others()
    {
        string[] customers = CustomersOfPartition0(2);
        await JournalAsync([Shop.Order(customers[0], "o1", Now), Shop.Order(customers[1], "o1", Now)]);
        await using (var engine = await Engine.StartAsync(_directory.Path))
            await engine.PartitionOf(customers[0]).FlushAsync();
        var epoch = await DamageAsync(customers[0]);

        await using (var engine = await Engine.StartAsync(_directory.Path))
        {
            var lookups = await Task.WhenAll(customers.Select(engine.LookupAsync));
            Assert.Equal([LookupStatus.Unavailable, LookupStatus.Found], lookups.Select(l => l.Status));
            Assert.Equal(LookupStatus.Found, (await engine.LookupAsync(customers[1])).Status);
        }

        // Its partition was taken over by that engine and by nobody else: it was never reloaded.
        Assert.Equal(epoch + 2, await DamageAsync(customers[0]));
    }

    private static string[] CustomersOfPartition0(int count) =>
        [.. Enumerable.Range(0, 10 * count).Select(i => Shop.Customer("c" + i)).Where(c => CustomerKey.Parse(c).PartitionOf(2) == 0).Take(count)];

    private static NewEntry Program(int horizonDays)
    {
        var defaults = ProgramDocument.Default;
        var program = new ProgramPublication("default", defaults with { Version = 2, Churn = defaults.Churn with { HorizonDays = horizonDays } });
        return new NewEntry("", Guid.NewGuid(), EntryTypes.ProgramPublished, Now.ToUnixTimeMilliseconds(), program.ToPayload());
    }

    /// <summary>Puts entries into partition 0 that nobody has folded.</summary>
    /// <param name="faulted">How many of the last are known to be at fault.</param>
    private async Task JournalAsync(NewEntry[] entries, int faulted = 0)
    {
        var known = new NewEntry("", Guid.NewGuid(), EntryTypes.FoldRaised, 0, JsonSerializer.SerializeToUtf8Bytes(new { version = CustomerFold.Version }));
        entries = [known, .. entries];
        await using var database = await OpenAsync();
        var epoch = (await database.Journal.TakeOverAsync(0, CancellationToken.None)).Epoch;
        var recorded = Now.ToUnixTimeMilliseconds();
        var numbered = entries.Select((e, i) => new Entry(0, i, e.Customer, e.MessageId, e.Type, e.TimeMs, recorded, e.Payload)).ToArray();
        await database.Journal.AppendAsync(0, epoch, 0, numbered, CancellationToken.None);
        foreach (var fault in numbered.TakeLast(faulted))
            await database.Journal.RecordFaultAsync(new FaultRow(0, fault.Offset, fault.Customer, "test", "1", recorded), epoch, CancellationToken.None);
    }

    private async Task<long> DamageAsync(string customer)
    {
        await using var database = await OpenAsync();
        var takeover = await database.Journal.TakeOverAsync(0, CancellationToken.None);
        var row = (await database.Journal.ReadSnapshotsAsync(0, [customer], CancellationToken.None))[0]!;
        await database.Journal.FlushAsync(
            new FlushRequest(0, takeover.Epoch, takeover.Checkpoint, [row with { State = "{}"u8.ToArray() }], [], [], -1, -1), CancellationToken.None);
        return takeover.Epoch;
    }

    private Task<SqliteDatabase> OpenAsync() =>
        SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = _directory.Path, Partitions = 2 }, CancellationToken.None);
}
