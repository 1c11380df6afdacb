using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Quarantine;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Quarantine;

/// <summary>Tenants share the way to the database.</summary>
public sealed class QuarantineIntakeTests
{
    private const int ItemBytes = 1_024;

    [Fact]
    public async Task Flood_of_one_tenant_leaves_room_for_the_items_of_others()
    {
        var store = new SlowStore();
        await using var intake = Intake(store, waitingBytesMax: 64 * ItemBytes);

        var flood = KeepAsync(intake, "flood", 200);
        var quiet = KeepAsync(intake, "quiet", 3);
        store.Open();
        await Task.WhenAll(flood, quiet);
        await intake.DisposeAsync();

        Assert.Equal((32, 3), (store.Kept("flood"), store.Kept("quiet")));
        Assert.Equal((168, 0), (store.Dropped("flood"), store.Dropped("quiet")));
    }

    [Fact]
    public async Task Items_of_one_tenant_do_not_wait_until_all_of_another_are_written()
    {
        var store = new SlowStore();
        await using var intake = Intake(store, waitingBytesMax: 4_096 * ItemBytes);

        var flood = KeepAsync(intake, "flood", 2_000);
        var quiet = KeepAsync(intake, "quiet", 3);
        store.Open();
        await Task.WhenAll(flood, quiet);

        Assert.Contains("quiet", store.Writes.Take(2).SelectMany(tenants => tenants));
        Assert.Equal((2_000, 3), (store.Kept("flood"), store.Kept("quiet")));
    }

    private static QuarantineIntake Intake(IQuarantineStore store, long waitingBytesMax) =>
        new(store, new QuarantineOptions { WaitingBytesMax = waitingBytesMax }, NoMeters.Instance, NullLogger<QuarantineIntake>.Instance);

    private static Task KeepAsync(QuarantineIntake intake, string tenant, int count)
    {
        // Each item has as many bytes as were said, and is another.
        var items = Enumerable.Range(0, count).Select(i => "{\"event\":\"" + $"{i}".PadLeft(ItemBytes - "{\"event\":\"\"}".Length, 'x') + "\"}");
        var batch = BatchReader.ReadBatch(Encoding.UTF8.GetBytes($"{{\"batch\":[{string.Join(',', items)}]}}"), count);
        var rejected = batch.Items.Select(item => new Rejection(item.Index, null, "missing_user", "It names nobody.")).ToArray();
        return intake.KeepAsync(new IngestOrigin(tenant, "server"), batch, new IngestAnswer(IngestStatus.Done, 0, 0, rejected, 0), DateTimeOffset.UnixEpoch);
    }

    /// <summary>Writes nothing before it is opened, so that everything waits that can.</summary>
    private sealed class SlowStore : IQuarantineStore
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<(QuarantineRow[] Rows, QuarantineDrop[] Drops)> _writes = [];

        /// <summary>The tenants of each write.</summary>
        public string[][] Writes => [.. _writes.Select(w => w.Rows.Select(r => r.Tenant).Distinct().ToArray())];

        public void Open() => _open.SetResult();

        public int Kept(string tenant) => _writes.Sum(w => w.Rows.Count(r => r.Tenant == tenant));

        public long Dropped(string tenant) => _writes.Sum(w => w.Drops.Where(d => d.Tenant == tenant).Sum(d => d.Count));

        public async Task AddAsync(QuarantineRow[] rows, QuarantineDrop[] drops, QuarantineBounds bounds, CancellationToken cancellation)
        {
            _writes.Add((rows, drops));
            await _open.Task;
        }

        public Task<QuarantineRow[]> ReadAsync(QuarantineQuery query, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<QuarantineRow[]> ReadWaitingAsync(string tenant, string code, long afterId, int max, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<QuarantineRow?> FindAsync(string tenant, long id, CancellationToken cancellation) => throw new NotSupportedException();

        public Task RecordReplaysAsync(string tenant, QuarantineReplay[] replays, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<QuarantineTally> ReadTallyAsync(string tenant, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<int> EraseAsync(string tenant, string[] customers, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
