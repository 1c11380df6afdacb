using System.Text;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// Ingest with the least that can stand between socket and journal: the same reading and judging of the body, the same commit, and in
/// place of grains, fold and snapshots a count per customer.
/// </summary>
internal sealed class CountingHost : IAsyncDisposable
{
    private static readonly IngestOrigin Origin = new("default", "bench");

    private readonly WebApplication _app;
    private readonly OpenJournal _open;
    private readonly CountingPartition[] _partitions;
    private readonly IngestOptions _options = new();
    private readonly BodyReader _bodies;
    private readonly TimeProvider _time;

    private CountingHost(WebApplication app, OpenJournal open, CountingPartition[] partitions, TimeProvider time)
    {
        _app = app;
        _open = open;
        _partitions = partitions;
        _time = time;
        _bodies = new BodyReader(_options);
    }

    public int Port { get; private set; }

    public static async Task<CountingHost> StartAsync(OpenJournal open, TimeProvider time, CancellationToken cancellation)
    {
        var app = BareHost.Create();
        var partitions = new CountingPartition[open.Journal.Identity.Partitions];
        for (var p = 0; p < partitions.Length; p++)
            partitions[p] = await CountingPartition.StartAsync(open.Journal, p, time, cancellation);
        var host = new CountingHost(app, open, partitions, time);
        app.Run(host.TakeAsync);
        await app.StartAsync(cancellation);
        host.Port = BareHost.PortOf(app);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        foreach (var partition in _partitions)
            await partition.DisposeAsync();
        await _open.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        var (status, body) = await _bodies.ReadAsync(context.Request);
        using (body)
        {
            if (status != BodyStatus.Read)
            {
                context.Response.StatusCode = 400;
                return;
            }

            var accepted = await AppendAsync(BatchReader.ReadBatch(body.Memory, _options.BatchEventsMax));
            var answer = Encoding.ASCII.GetBytes($"{{\"success\":true,\"accepted\":{accepted},\"duplicate\":0,\"rejected\":[]}}");
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.ContentLength = answer.Length;
            await context.Response.BodyWriter.WriteAsync(answer);
        }
    }

    private async Task<int> AppendAsync(Batch batch)
    {
        var received = _time.GetUtcNow();
        var parts = new List<NewEntry>?[_partitions.Length];
        foreach (var item in batch.Items)
        {
            if (EventIntake.Judge(item, Origin, batch.SentAt, received, _options.EventBytesMax, out var entry) is null)
                (parts[entry.Customer.PartitionOf(parts.Length)] ??= []).Add(entry.Entry);
        }

        var appends = new List<Task<int>>(parts.Length);
        for (var p = 0; p < parts.Length; p++)
        {
            if (parts[p] is { } part)
                appends.Add(_partitions[p].AppendAsync(part));
        }

        return (await Task.WhenAll(appends)).Sum();
    }
}
