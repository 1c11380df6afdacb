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

        var lookups = Lookups(duration.TotalSeconds);
        return isBusy
            ? await BesideIngestAsync(engine, duration.TotalSeconds, () => LoadAsync(lookups, cancellation), cancellation)
            : await LoadAsync(lookups, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bare is not null)
            await _bare.DisposeAsync();
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
