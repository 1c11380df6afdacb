using System.Globalization;
using System.Text;

namespace OrleansCrm.Server.Tests.Import;

/// <summary>A line of the CSV before it is written, so that what is expected is counted without reading any CSV.</summary>
internal sealed record RetailRow(
    string Invoice, string Sku, string Name, string Quantity, string Date, string Price, string Customer, string Country = "United Kingdom")
{
    /// <summary>Every trap of the real files, and a few that they might have.</summary>
    public static readonly RetailRow[] Traps =
    [
        new("536365", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "6", "2010-12-01 08:26:00", "2.55", "17850.0"),
        new("536365", "71053", "WHITE METAL LANTERN", "6", "2010-12-01 08:26:00", "3.39", "17850.0"),

        // Two equal lines are two lines.
        new("536366", "22633", "HAND WARMER, \"UNION JACK\"", "6", "2010-12-01 08:28:00", "1.85", "17850"),
        new("536366", "22633", "HAND WARMER, \"UNION JACK\"", "6", "2010-12-01 08:28:00", "1.85", "17850"),

        // An invoice in two places, with two times.
        new("536367", "84879", "ASSORTED COLOUR\nBIRD ORNAMENT", "32", "2010-12-01 08:35:00", "1.69", "13047.0"),
        new("536368", "22960", "JAM MAKING SET", "6", "2010-12-01 08:34:00", "4.255", "13047.0"),
        new("536367", "22745", "POPPY'S PLAYHOUSE", "6", "2010-12-01 08:34:00", "2.1", "13047.0"),

        // Nobody's lines.
        new("536369", "21756", "BATH BUILDING BLOCK WORD", "3", "2010-12-01 08:35:00", "5.95", ""),
        new("536369", "22112", "", "56", "2010-12-01 11:52:00", "0.0", ""),

        // Taken back, on account.
        new("C536379", "D", "Discount", "-1", "2010-12-01 09:41:00", "27.5", "17850.0"),
        new("C536383", "35004C", "SET OF 3 COLOURED FLYING DUCKS", "-1", "2010-12-01 09:49:00", "4.65", "15311.0"),

        // A gift, a whole gift, and goods returned inside an order.
        new("536370", "22492", "MINI PAINT SET VINTAGE", "36", "2010-12-02 08:45:00", "0.65", "12583.0", "France"),
        new("536370", "POST", "POSTAGE", "3", "2010-12-02 08:45:00", "0", "12583.0", "France"),
        new("536371", "22086", "PAPER CHAIN KIT 50'S CHRISTMAS", "80", "2010-12-02 09:00:00", "0.00", "12583.0", "France"),
        new("536372", "22632", "HAND WARMER RED POLKA DOT", "6", "2010-12-02 09:01:00", "1.85", "17850.0"),
        new("536372", "22632", "HAND WARMER RED POLKA DOT", "-2", "2010-12-02 09:01:00", "1.85", "17850.0"),

        // One number, two customers.
        new("536373", "20679", "EDWARDIAN PARASOL RED", "6", "2010-12-02 09:02:00", "4.95", "17850.0"),
        new("536373", "20679", "EDWARDIAN PARASOL RED", "1", "2010-12-02 09:02:00", "4.95", "15311.0"),

        // Summer time, the skipped hour, the hour that comes twice.
        new("540000", "21071", "VINTAGE BILLBOARD DRINK ME MUG", "6", "2011-06-09 12:00:00", "1.06", "12583.0", "France"),
        new("540001", "21071", "VINTAGE BILLBOARD DRINK ME MUG", "6", "2011-03-27 01:30:00", "1.06", "12583.0", "France"),
        new("540002", "21071", "VINTAGE BILLBOARD DRINK ME MUG", "6", "2011-10-30 01:30:00", "1.06", "12583.0", "France"),
    ];

    public static byte[] ToCsv(IEnumerable<RetailRow> rows, string lineEnd = "\r\n", bool withMark = true)
    {
        var text = new StringBuilder(withMark ? "\uFEFF" : "")
            .Append("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country").Append(lineEnd);
        foreach (var row in rows)
            text.AppendJoin(',', new[] { row.Invoice, row.Sku, row.Name, row.Quantity, row.Date, row.Price, row.Customer, row.Country }.Select(Quoted)).Append(lineEnd);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Orders and net revenue by customer, counted the plain way.</summary>
    public static SortedDictionary<string, (int Orders, decimal Revenue)> Count(IEnumerable<RetailRow> rows)
    {
        var totals = new SortedDictionary<string, (int Orders, decimal Revenue)>(StringComparer.Ordinal);
        var seen = new HashSet<string>();
        foreach (var row in rows)
        {
            if (row.Customer.Length == 0)
                continue;
            var customer = row.Customer.EndsWith(".0", StringComparison.Ordinal) ? row.Customer[..^2] : row.Customer;
            var total = totals.GetValueOrDefault(customer);
            total.Revenue += int.Parse(row.Quantity, CultureInfo.InvariantCulture) * decimal.Parse(row.Price, CultureInfo.InvariantCulture);
            if (row.Invoice[0] != 'C' && seen.Add(row.Invoice + "|" + customer))
                total.Orders++;
            totals[customer] = total;
        }

        return totals;
    }

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",\"\n") ? "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : field;
}
