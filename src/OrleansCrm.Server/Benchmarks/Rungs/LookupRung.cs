using OrleansCrm.Server.Benchmarks.Load;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// Profiles of the customers who are in the shop, a tenth of all, against Kestrel returning the same bytes; alone, or while ingest for all
/// of them runs at half of what it can do. And of any customer, whose profile most often has to be made for it.
/// </summary>
internal sealed class LookupRung(string variant, BenchStage stage, bool isBare, bool isBusy) : HttpRung("f", variant, "lookups", stage), IAsyncDisposable
{
    public const string Bare = "bare Kestrel, same bytes";
    public const string Profile = "profile";
    public const string Anew = "profile of any customer";
    public const string BareBusy = "bare Kestrel, ingest at half";
    public const string ProfileBusy = "profile, ingest at half";

    private const int Connections = 64;
    private const string IngestLoad = "ingest";

    private WebApplication? _bare;
    private int _port;

    private int Customers => Variant == Anew ? Stage.Options.Customers : Math.Max(1, Stage.Options.Customers / 10);

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var engine = BenchStage.PortOf(await Stage.EngineAsync(cancellation));

        // Whoever was never seen would be answered 404; and whose events have come since the last lookup has no profile that could be used again.
        if (_port == 0 || Variant == Anew)
            await SeeEverybodyAsync(engine, cancellation);
        if (_port == 0)
        {
            _bare = isBare ? await BareHost.StartAsync(await ReadProfileAsync(engine, cancellation), cancellation) : null;
            _port = _bare is null ? engine : BareHost.PortOf(_bare);
            await Stage.Load().RunAsync(Lookups(Math.Min(2, duration.TotalSeconds)), cancellation);
        }

        if (!isBusy)
            return await LoadAsync(Lookups(duration.TotalSeconds), cancellation);

        // Half of what it can do, from before the first lookup until after the last.
        var seconds = duration.TotalSeconds + 1;
        var rate = await CapacityAsync(engine, cancellation) / 2 / IngestShape.Uniform.Batch;
        var ingest = Stage.Load(IngestLoad).RunAsync(Batches(engine, IngestShape.Uniform, seconds, rate), cancellation);
        await Task.Delay(TimeSpan.FromSeconds(0.5), cancellation);
        var slice = await LoadAsync(Lookups(duration.TotalSeconds), cancellation);
        await ingest;
        return slice;
    }

    public async ValueTask DisposeAsync()
    {
        if (_bare is not null)
            await _bare.DisposeAsync();
    }

    private async Task<double> CapacityAsync(int engine, CancellationToken cancellation)
    {
        if (Stage.Capacity is null)
        {
            var report = await Stage.Load().RunAsync(Batches(engine, IngestShape.Uniform, Math.Min(3, Stage.Options.Seconds)), cancellation);
            Stage.Capacity = report.Count / report.Seconds;
        }

        return Stage.Capacity.Value;
    }

    private async Task SeeEverybodyAsync(int engine, CancellationToken cancellation)
    {
        using var wire = await HttpWire.ConnectAsync(engine, cancellation);
        var spec = Batches(engine, IngestShape.Uniform, 0);
        var body = new BatchBody(spec, 0, CustomerChoice.InOrder(spec.Customers), TimeProvider.System);
        for (var seen = 0; seen < spec.Customers; seen += spec.Batch)
        {
            body.Renew();
            if (await wire.ExchangeAsync(body.Request, cancellation) != 200)
                throw new BenchException("The engine did not take the customers in.");
        }
    }

    private async Task<byte[]> ReadProfileAsync(int engine, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{engine}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Stage.ApiKey);
        return await http.GetByteArrayAsync("/v1/customers/" + CustomerChoice.IdOf(0), cancellation);
    }

    private LoadSpec Lookups(double seconds) => new(
        LoadKind.Lookup, _port, Stage.ApiKey, "", Connections, 0, Customers, IsSkewed: false, seconds, 0, Stage.NextRun());
}
