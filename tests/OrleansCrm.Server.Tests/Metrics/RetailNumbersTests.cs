using System.Globalization;
using System.IO.Compression;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Metrics;

/// <summary>The published data set itself, where somebody has it.</summary>
public sealed class RetailNumbersTests
{
    private const string File = "online-retail-to-2011-06-09.csv.gz";

    [SharedDataFact(File)]
    public async Task Numbers_of_the_real_history_equal_a_plain_count()
    {
        var path = Path.Combine(SharedDataFactAttribute.Folder!, File);
        using var file = new TempFile(await System.IO.File.ReadAllBytesAsync(path));
        using var trial = new Trial();
        Assert.Equal(0, (await trial.ImportAsync(file, ImportFormat.OnlineRetail)).Code);
        var (months, orders) = Count(path);
        await using var server = await TestServer.StartAsync(trial.Data);

        var summary = await server.GetAsync("/v1/metrics/summary?from=2011-01-01&to=2011-04-01");
        var cohorts = (await server.GetAsync("/v1/metrics/cohorts?by=events&to=2011-07-01")).Json["items"].EnumerateArray().ToArray();

        bool IsIn(int month) => month is > 0 and < 4;
        Assert.Equal(months.Count, summary.Json["customers"].GetInt32());
        Assert.Equal(orders.Values.Sum(), summary.Json["orders"].GetInt32());
        Assert.Equal(months.Values.Count(m => m.Any(IsIn)), summary.Json["active"].GetInt32());
        Assert.Equal(months.Values.Count(m => IsIn(m.Min)), summary.Json["new"].GetInt32());
        Assert.Equal(Math.Round((double)orders.Values.Count(o => o > 1) / orders.Values.Count(o => o > 0), 6), summary.Json["repeatPurchase"].GetDouble());
        Assert.Equal(7, cohorts.Length);
        for (var first = 0; first < 7; first++)
        {
            var expected = Enumerable.Range(first, 7 - first).Select(m => months.Values.Count(c => c.Min == first && c.Contains(m)));
            Assert.Equal(expected, cohorts[first].GetProperty("active").EnumerateArray().Take(7 - first).Select(a => a.GetInt32()));
        }
    }

    /// <summary>Months with an invoice, counted from December 2010, and orders, by customer.</summary>
    private static (Dictionary<string, SortedSet<int>> Months, Dictionary<string, int> Orders) Count(string path)
    {
        var months = new Dictionary<string, SortedSet<int>>();
        var orders = new Dictionary<string, int>();
        var invoices = new HashSet<string>();
        using var text = new StreamReader(new GZipStream(System.IO.File.OpenRead(path), CompressionMode.Decompress));
        text.ReadLine();
        while (text.ReadLine() is { } line)
        {
            var fields = line.Split(',');
            var (invoice, day, customer) = (fields[0], fields[^4], fields[^2]);
            if (customer.Length == 0 || !invoices.Add(invoice))
                continue;
            var at = DateTime.Parse(day, CultureInfo.InvariantCulture);
            if (!months.TryGetValue(customer, out var known))
                months.Add(customer, known = []);
            known.Add((at.Year - 2011) * 12 + at.Month);
            orders[customer] = orders.GetValueOrDefault(customer) + (invoice.StartsWith('C') ? 0 : 1);
        }

        return (months, orders);
    }
}
