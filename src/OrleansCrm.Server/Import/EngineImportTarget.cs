using System.Text.Json.Nodes;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Http;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Import;

/// <summary>Imports into the engine of this process, through the pipeline that live events take.</summary>
internal sealed class EngineImportTarget(IServiceProvider services, string tenant) : IImportTarget
{
    private readonly IngestPipeline _pipeline = services.GetRequiredService<IngestPipeline>();
    private readonly ImportLedger _ledger = services.GetRequiredService<ImportLedger>();
    private readonly PartitionKeeper _keeper = services.GetRequiredService<PartitionKeeper>();
    private readonly TimeProvider _time = services.GetRequiredService<TimeProvider>();
    private readonly IngestOrigin _origin = new(tenant, IngestOrigin.ImportSource);

    /// <summary>A lane for each partition: its batches are that partition's alone.</summary>
    public int Lanes { get; } = services.GetRequiredService<IJournal>().Identity.Partitions;

    public async Task<ImportPlan> StartAsync(ImportPlan proposed, CancellationToken cancellation) =>
        ImportPlan.Parse((await CallAsync(() => _ledger.StartAsync(Of(proposed.Import), JsonNode.Parse(proposed.ToPayload())!.AsObject()), cancellation)).Payload);

    public Task RenewAsync(string import, CancellationToken cancellation) => CallAsync(() => _ledger.RenewAsync(Of(import)), cancellation);

    public Task EndAsync(string import, CancellationToken cancellation) => CallAsync(() => _ledger.EndAsync(Of(import)), cancellation);

    public Task FlushAsync(CancellationToken cancellation) => CallAsync(_keeper.FlushAsync, cancellation);

    public async Task<long> CountUnsettledAsync(CancellationToken cancellation)
    {
        var left = await CallAsync(() => _ledger.CountUnsettledAsync(tenant), cancellation);
        return left.Total + (left.IsReady ? 0 : 1);
    }

    public async Task<SendResult> SendAsync(IReadOnlyList<ImportEvent> batch, CancellationToken cancellation)
    {
        var events = batch.Select(e => (ReadOnlyMemory<byte>)e.Json).ToArray();
        var applied = 0;
        var answer = await Patience.TryAsync(
            async () =>
            {
                var answer = await _pipeline.SendAsync(_origin, events, cancellation);
                if (answer.Status == IngestStatus.Done)
                    return Attempt<IngestAnswer>.Done(answer);

                // What a failed try has committed comes back as a duplicate of the next.
                applied += answer.Accepted;
                return Attempt<IngestAnswer>.Again(TimeSpan.FromSeconds(answer.RetryAfterSeconds));
            },
            _time,
            cancellation);
        var rejections = answer.Rejected.GroupBy(r => r.Code).ToDictionary(g => g.Key, g => g.Count());
        return new SendResult(applied + answer.Accepted, Math.Max(0, answer.Duplicate - applied), rejections);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Of(string import) => ImportName.Of(tenant, import);

    private Task CallAsync(Func<Task> call, CancellationToken cancellation) => CallAsync(
        async () =>
        {
            await call();
            return true;
        },
        cancellation);

    private Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellation) => Patience.TryAsync(
        async () =>
        {
            try
            {
                return Attempt<T>.Done(await call());
            }
            catch (Exception e) when (Unavailable.IsOfGrain(e) && !cancellation.IsCancellationRequested)
            {
                return Attempt<T>.Again(Patience.Pause);
            }
        },
        _time,
        cancellation);
}
