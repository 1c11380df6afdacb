using System.Globalization;
using System.IO.Compression;
using System.Text;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Import;

/// <summary>A loyalty app's offers, received, viewed and completed, among purchases: as its data set says them, where somebody has it.</summary>
public sealed class OffersHistoryTests
{
    private const string File = "offers-transcript.csv.gz";

    [SharedDataFact(File)]
    public async Task Offers_among_purchases_change_no_order_and_the_numbers_equal_a_plain_count()
    {
        var (events, expected) = Read(Path.Combine(SharedDataFactAttribute.Folder!, File));
        using var file = new TempFile(events);
        using var trial = new Trial();

        var (code, output) = await trial.ImportAsync(file, ImportFormat.Events);

        Assert.True(code == 0, output);
        Assert.Equal(306_534, Trial.Number(output, "applied"));
        await trial.DigestAsync();
        Assert.Equal(expected, await trial.TotalsAsync(expected.Keys, "USD"));
        await using var server = await TestServer.StartAsync(trial.Data);
        var summary = (await server.GetAsync("/v1/metrics/summary?from=2018-01-01&to=2018-03-01")).Json;
        var (once, again) = (expected.Values.Count(c => c.Orders > 0), expected.Values.Count(c => c.Orders > 1));
        Assert.Equal(expected.Count, summary["customers"].GetInt32());
        Assert.Equal(expected.Values.Sum(c => c.Orders), summary["orders"].GetInt32());
        Assert.Equal(Math.Round((double)again / once, 6), summary["repeatPurchase"].GetDouble());
    }

    /// <summary>The history as a storefront would have sent it, and each customer's orders and revenue.</summary>
    private static (byte[] Events, SortedDictionary<string, (int Orders, decimal Revenue)> Totals) Read(string path)
    {
        var start = new DateTime(2018, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var events = new StringBuilder();
        var totals = new SortedDictionary<string, (int Orders, decimal Revenue)>(StringComparer.Ordinal);
        using var text = new StreamReader(new GZipStream(System.IO.File.OpenRead(path), CompressionMode.Decompress));
        text.ReadLine();
        for (var line = 1; text.ReadLine() is { } row; line++)
        {
            var fields = row.Split(',');
            var (customer, what, at, offer, amount) = (fields[0], fields[1], start.AddHours(int.Parse(fields[2], CultureInfo.InvariantCulture)), fields[3], fields[^1]);
            totals.TryGetValue(customer, out var total);
            var (name, properties) = what == "transaction"
                ? ("Order Completed", $$"""{"order_id":"{{line}}","revenue":{{amount}},"currency":"USD"}""")
                : (what == "offer-viewed" ? "Promotion Viewed" : what, $$"""{"promotion_id":"{{offer}}"}""");
            totals[customer] = what == "transaction" ? (total.Orders + 1, total.Revenue + decimal.Parse(amount, CultureInfo.InvariantCulture)) : total;
            events.AppendLine(CultureInfo.InvariantCulture, $$"""
                {"type":"track","event":"{{name}}","userId":"{{customer}}","messageId":"{{line}}","timestamp":"{{at:yyyy-MM-ddTHH:mm:ssZ}}","properties":{{properties}}}
                """);
        }

        return (Encoding.UTF8.GetBytes(events.ToString()), totals);
    }
}
