using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Backtest;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Backtest;

public sealed class BacktestCommandTests
{
    private const string CdNow = "cdnow-sample-transactions.txt";
    private const string Retail = "online-retail-to-2011-06-09.csv.gz";

    [Fact]
    public async Task Models_stand_beside_the_plain_rules()
    {
        using var file = new TempFile(Encoding.UTF8.GetBytes(DrawHistory()));
        using var result = await RunAsync(file.Path, "2020-07-01", 180);

        var names = result.RootElement.GetProperty("methods").EnumerateArray().Select(m => m.GetProperty("method").GetString()).ToArray();
        Assert.Contains("silent for 90 days", names);
        Assert.Contains("mbg-nbd expected purchases", names);
        Assert.InRange(Of(result, "mbg-nbd expected purchases", "auc"), 0.55, 1);
        Assert.InRange(Of(result, "mbg-nbd expected purchases", "expectedToActual"), 0.7, 1.4);
        var triggers = result.RootElement.GetProperty("triggers").EnumerateArray().Select(t => t.GetProperty("alerts").GetInt32()).ToArray();
        Assert.All(triggers, alerts => Assert.InRange(alerts, triggers[0] * 0.97, triggers[0] * 1.03));
    }

    [Fact]
    public async Task Own_customers_are_a_history_like_any_file()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated(800);
        await trial.ImportAsync(file, ImportFormat.Events);

        using var result = await RunAsync(trial.Data, "2025-03-01", 90);

        Assert.InRange(result.RootElement.GetProperty("customers").GetInt32(), 450, 750);
        Assert.InRange(Of(result, "mbg-nbd expected purchases", "expectedToActual"), 0.6, 1.6);
        Assert.All(result.RootElement.GetProperty("triggers").EnumerateArray(), t => Assert.InRange(t.GetProperty("medianLeadWeeks").GetDouble(), -50, 13));
    }

    [Fact]
    public async Task Line_that_is_no_purchase_is_named()
    {
        using var file = new TempFile("1 1 20200101 1 9.99\n1 1 20201301 1 9.99\n"u8.ToArray());
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.Failed, await BacktestCommand.RunAsync(Options(file.Path, "2020-07-01", 180), TextWriter.Null, error, CancellationToken.None));
        Assert.Contains("line 2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_before_the_cut_is_said_so()
    {
        using var file = new TempFile("1 1 20200101 1 9.99\n"u8.ToArray());
        using var error = new StringWriter();
        Assert.Equal(ExitCodes.Failed, await BacktestCommand.RunAsync(Options(file.Path, "2019-07-01", 180), TextWriter.Null, error, CancellationToken.None));
        Assert.Contains("2019-07-01", error.ToString(), StringComparison.Ordinal);
    }

    [SharedDataFact(CdNow)]
    public async Task CDNOW_sample_gives_the_known_quality()
    {
        using var result = await RunAsync(Path.Combine(SharedDataFactAttribute.Folder!, CdNow), "1997-09-30", 273);
        Assert.Equal(2_357, result.RootElement.GetProperty("customers").GetInt32());
        Assert.Equal(0.773, Of(result, "mbg-nbd expected purchases", "auc"), 0.003);
        Assert.Equal(0.760, Of(result, "mbg-nbd P(no purchase)", "auc"), 0.003);
        Assert.Equal(0.765, Of(result, "mbg-nbd expected purchases", "meanAbsoluteError"), 0.003);
        Assert.Equal(0.771, Of(result, "silence", "auc"), 0.003);
        Assert.Equal(0.673, Of(result, "silent for 90 days", "auc"), 0.003);
        Assert.Equal(0.161, Of(result, "mbg-nbd P(no purchase)", "brier"), 0.003);
        Assert.Equal("as_good", result.RootElement.GetProperty("ranking").GetProperty("verdict").GetString());
        Assert.Equal(0.316, Of(result, "bg-nbd 1 - P(alive)", "auc"), 0.003);
        Assert.True(Of(result, "mbg-nbd P(no purchase), calibrated", "brier") < Of(result, "mbg-nbd P(no purchase)", "brier") - 0.002);
        Assert.True(Of(result, "mbg-nbd P(no purchase), calibrated", "calibrationError") < Of(result, "mbg-nbd P(no purchase)", "calibrationError") - 0.01);
        Assert.Equal(0.779, Of(result, "pareto-nbd expected purchases", "auc"), 0.003);
    }

    [SharedDataFact(Retail)]
    public async Task Online_Retail_is_a_shop_where_nobody_stops()
    {
        using var result = await RunAsync(Path.Combine(SharedDataFactAttribute.Folder!, Retail), "2011-03-31", 70);
        Assert.All(result.RootElement.GetProperty("fits").EnumerateArray(), f => Assert.True(f.GetProperty("nobodyStops").GetBoolean()));
    }

    private static async Task<JsonDocument> RunAsync(string path, string calibrate, int horizon)
    {
        using var json = new TempFile([]);
        using var error = new StringWriter();
        var code = await BacktestCommand.RunAsync(Options(path, calibrate, horizon) with { Json = json.Path }, TextWriter.Null, error, CancellationToken.None);
        Assert.True(code == ExitCodes.Done, error.ToString());
        return JsonDocument.Parse(File.ReadAllBytes(json.Path));
    }

    private static BacktestOptions Options(string path, string calibrate, int horizon) => new()
    {
        Data = path,
        Calibrate = DateOnly.Parse(calibrate, CultureInfo.InvariantCulture),
        HorizonDays = horizon,
    };

    private static double Of(JsonDocument result, string method, string measure) => result.RootElement.GetProperty("methods").EnumerateArray()
        .Single(m => m.GetProperty("method").GetString() == method).GetProperty(measure).GetDouble();

    // Buyers with rates of their own, of whom after each purchase one in six never comes back.
    private static string DrawHistory()
    {
        var random = new Random(2);
        var text = new StringBuilder();
        for (var customer = 0; customer < 1_500; customer++)
        {
            var days = 10 + 60 * random.NextDouble();
            var day = new DateOnly(2020, 1, 1).AddDays(random.Next(60)).DayNumber + 0.0;
            do
            {
                text.Append(CultureInfo.InvariantCulture, $"{customer} 0 {DateOnly.FromDayNumber((int)day):yyyyMMdd} 1 {10 + 20 * random.NextDouble():0.00}\n");
                day += 1 - days * Math.Log(1 - random.NextDouble());
            }
            while (random.Next(6) > 0 && day < new DateOnly(2021, 3, 1).DayNumber);
        }

        return text.ToString();
    }
}
