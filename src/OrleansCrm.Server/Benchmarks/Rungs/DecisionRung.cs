using System.Text;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Benchmarks.Rungs;

/// <summary>
/// Decisions at the checkout for customers who are in the shop, a tenth of all, each journaled, against Kestrel returning the same bytes: as
/// many as it can make, one at a time, at half of the first, and a few while ingest for everybody runs at half of what it can do.
/// </summary>
internal sealed class DecisionRung(string variant, BenchStage stage, DecisionShape shape) : HttpRung(Step, variant, "decisions", stage), IAsyncDisposable
{
    public const string Step = "d";
    public const string Bare = "bare Kestrel, same bytes";
    public const string Decision = "decision";
    public const string Idle = "decision, one at a time";
    public const string Half = "decision, at half of its rate";
    public const string Busy = "decision, ingest at half";

    private WebApplication? _bare;
    private int _port;

    public override async Task<Slice> MeasureAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var engine = await Stage.EngineAsync(cancellation);
        var enginePort = BenchStage.PortOf(engine);
        if (_port == 0)
        {
            await OpenShopAsync(engine, enginePort, cancellation);
            _bare = Variant == Bare ? await BareHost.StartAsync(await ReadDecisionAsync(enginePort, cancellation), cancellation) : null;
            _port = _bare is null ? enginePort : BareHost.PortOf(_bare);
            await Stage.Load().RunAsync(Questions(Math.Min(2, duration.TotalSeconds)), cancellation);
        }

        var rate = shape.ShareOfRate * await RateAsync(duration, cancellation);
        var questions = Questions(duration.TotalSeconds, rate);
        return shape.IsBesideIngest
            ? await BesideIngestAsync(enginePort, duration.TotalSeconds, () => LoadAsync(questions, cancellation), cancellation)
            : await LoadAsync(questions, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_bare is not null)
            await _bare.DisposeAsync();
    }

    private async Task OpenShopAsync(EngineHost engine, int port, CancellationToken cancellation)
    {
        if (Stage.HasOffers)
            return;
        await SeeEverybodyAsync(port, cancellation);
        await BenchStage.PublishAsync(engine, Stage.Options.WithoutTrackingPlan ? BenchPlan.JsonOfOffers : BenchPlan.JsonWithOffers, cancellation);
        await BenchStage.QuietAsync(engine);
        Stage.HasOffers = true;
    }

    /// <summary>Decisions a second that can be made.</summary>
    private async Task<double> RateAsync(TimeSpan duration, CancellationToken cancellation)
    {
        if (shape.ShareOfRate == 0)
            return 0;
        var report = await Stage.Load().RunAsync(Questions(Math.Min(2, duration.TotalSeconds)) with { Connections = DecisionShape.Full.Connections }, cancellation);
        return report.Count / report.Seconds;
    }

    private async Task<byte[]> ReadDecisionAsync(int engine, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{engine}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Stage.ApiKey);
        using var question = new StringContent(EventText.Question, Encoding.ASCII, "application/json");
        using var answer = await http.PostAsync(new Uri($"/v1/customers/{CustomerChoice.IdOf(0)}/decisions", UriKind.Relative), question, cancellation);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync(cancellation);
    }

    private LoadSpec Questions(double seconds, double rate = 0) => new(
        LoadKind.Decision, _port, Stage.ApiKey, "", shape.Connections, 0, Math.Max(1, Stage.Options.Customers / 10), IsSkewed: false, seconds, rate,
        Stage.NextRun());
}

/// <param name="ShareOfRate">Decisions asked for as a share of what can be made, each measured from when it was due; 0 for one after the other.</param>
internal readonly record struct DecisionShape(int Connections, double ShareOfRate, bool IsBesideIngest)
{
    public static readonly DecisionShape Full = new(64, 0, false);
    public static readonly DecisionShape Single = new(1, 0, false);
    public static readonly DecisionShape HalfLoad = new(64, 0.5, false);

    // A checkout asks seldom against what a shop's pages send.
    public static readonly DecisionShape BesideIngest = new(64, 0.1, true);
}
