using System.Globalization;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Backtest;

/// <summary>Reads who bought when out of a file of either form.</summary>
internal static class PurchaseFile
{
    private const string RetailHeader = "InvoiceNo";
    private const string RetailTimeZone = "Europe/London";
    private const int FieldsMin = 5;

    /// <exception cref="ImportException">The file is of neither form.</exception>
    public static Buyer[] Read(string path)
    {
        var file = new SourceFile(path);
        using var text = new StreamReader(file.OpenRead());
        var first = text.ReadLine() ?? throw new ImportException("the file is empty");
        return Merge(first.Contains(RetailHeader, StringComparison.OrdinalIgnoreCase) ? ReadRetail(file) : ReadLines(first, text));
    }

    private static IEnumerable<(string Customer, DateOnly Day, double Amount)> ReadRetail(SourceFile file) =>
        OnlineRetailFile.Open(file, "default", RetailTimeZone).Invoices
            .Where(i => !i.IsCancellation && i.Value > 0)
            .Select(i => (i.Customer, DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(i.TimeMs).UtcDateTime), (double)i.Value));

    private static IEnumerable<(string Customer, DateOnly Day, double Amount)> ReadLines(string first, TextReader rest)
    {
        var number = 0;
        for (var line = first; line is not null; line = rest.ReadLine())
        {
            number++;
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0)
                continue;
            if (fields.Length < FieldsMin
                || !DateOnly.TryParseExact(fields[2], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                || !double.TryParse(fields[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
                throw new ImportException($"line {number} is no 'customer other yyyymmdd quantity amount', and the first line names no {RetailHeader}");
            yield return (fields[0], day, amount);
        }
    }

    private static Buyer[] Merge(IEnumerable<(string Customer, DateOnly Day, double Amount)> purchases) =>
    [
        .. purchases.GroupBy(p => p.Customer, StringComparer.Ordinal)
            .Select(c => new Buyer(c.Key, [.. c.GroupBy(p => p.Day).OrderBy(d => d.Key).Select(d => new PurchaseDay(d.Key, d.Sum(p => p.Amount)))]))
            .OrderBy(b => b.Id, StringComparer.Ordinal),
    ];
}
