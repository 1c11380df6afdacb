using System.Globalization;
using CsvHelper;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Server.Import;

/// <summary>
/// Invoices out of CSV lines. An invoice's lines may stand anywhere in the file, so all of them are read before the first event can go
/// out: about 60 bytes a line in memory, <see cref="RowsMax"/> lines at most.
/// </summary>
internal sealed class OnlineRetailFile : IImportSource
{
    /// <summary>Lines with a customer that are held; ten million are about 600 MB.</summary>
    public const int RowsMax = 10_000_000;

    /// <summary>Longest row; a quote that is never closed would else swallow the rest of the file into memory.</summary>
    public const int RowBytesMax = 1024 * 1024;

    private const decimal AmountMax = 1_000_000_000;

    // Both spellings of the data set (the published workbook and its CSV copies), read with or without seconds.
    private static readonly string[] DateFormats =
        ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-ddTHH:mm:ss", "M/d/yyyy H:mm", "M/d/yyyy H:mm:ss"];

    private readonly List<Invoice> _invoices;
    private readonly string _tenant;

    private OnlineRetailFile(List<Invoice> invoices, string tenant, ImportCounts counts)
    {
        _invoices = invoices;
        _tenant = tenant;
        Counts = counts;
    }

    public ImportCounts Counts { get; }

    /// <summary>By time.</summary>
    public IReadOnlyList<Invoice> Invoices => _invoices;

    public long Events => _invoices.Count;

    public long NewestMs => _invoices.Count == 0 ? 0 : _invoices[^1].TimeMs;

    /// <exception cref="ImportException">The zone is unknown, columns are missing, or the file is no CSV.</exception>
    public static OnlineRetailFile Open(SourceFile file, string tenant, string timeZone)
    {
        var clock = LocalClock.Of(timeZone);
        var options = new CsvReaderOptions
        {
            Separator = ',',
            TrimWhitespace = true,
            TrimInsideQuotes = true,
            PoolStrings = true,
            TrackLineNumbers = true,
            MaxRecordSize = RowBytesMax,
            IncludeValuesInExceptions = false,
            NormalizeHeaderName = name => name.Replace(" ", "", StringComparison.Ordinal),
        };
        using var csv = CsvReader.Create(file.OpenRead(), options);
        try
        {
            return new Reading(csv, clock, tenant).Run();
        }
        catch (CsvFormatException e)
        {
            throw new ImportException($"the file is no CSV: {e.Message}", e);
        }
    }

    public IEnumerable<ImportEvent> Read(ImportPlan plan)
    {
        var json = new RetailEventWriter(plan);
        foreach (var invoice in _invoices)
        {
            CustomerKey.TryCreate(_tenant, CustomerKind.User, invoice.Customer, out var key, out _);
            yield return new ImportEvent(key, invoice.TimeMs + plan.ShiftMs, json.Write(invoice));
        }
    }

    /// <summary>17850.0, as spreadsheets export whole numbers, is 17850. Empty for the words they write for a missing one.</summary>
    public static string NormalizeCustomer(string field)
    {
        var id = field.Trim();
        var point = id.IndexOf('.');
        var isWhole = point > 0 && point < id.Length - 1
            && !id.AsSpan(point + 1).ContainsAnyExcept('0') && !id.AsSpan(0, point).ContainsAnyExceptInRange('0', '9');
        if (isWhole)
            return id[..point];
        return id is "NaN" or "nan" or "NA" or "NULL" ? "" : id;
    }

    /// <summary>One pass over the file.</summary>
    private sealed class Reading(CsvReader csv, LocalClock clock, string tenant)
    {
        private readonly ImportCounts _counts = new();
        private readonly Dictionary<(string Number, string Customer), Invoice> _byKey = [];
        private readonly Dictionary<string, Invoice> _byNumber = new(StringComparer.Ordinal);
        private readonly HashSet<string> _customers = new(StringComparer.Ordinal);
        private Columns _columns = null!;
        private int _rows;

        public OnlineRetailFile Run()
        {
            _columns = Columns.Find(csv);
            while (csv.Read())
            {
                _counts.Lines++;
                ReadRow();
            }

            var invoices = _byKey.Values.ToList();
            invoices.Sort(Compare);
            _counts.Customers = _customers.Count;
            _counts.Refunds = invoices.Count(i => i.IsCancellation);
            _counts.Orders = invoices.Count - _counts.Refunds;
            return new OnlineRetailFile(invoices, tenant, _counts);
        }

        private void ReadRow()
        {
            if (csv.FieldCount <= _columns.Last)
            {
                Bad("row", $"has {csv.FieldCount} fields instead of {_columns.Last + 1} or more");
                return;
            }

            var customer = NormalizeCustomer(csv.GetString(_columns.Customer));
            var number = csv.GetString(_columns.Invoice);
            if (customer.Length == 0)
                _counts.RowsWithoutCustomer++;
            else if (!CustomerKey.TryCreate(tenant, CustomerKind.User, customer, out _, out var error))
                Bad("CustomerID", error);
            else if (number.Length is 0 or > 100)
                Bad("InvoiceNo", "is empty or longer than 100 characters");
            else if (csv.GetString(_columns.Sku).Length > RetailEventWriter.SkuCharactersMax)
                Bad("StockCode", $"is longer than {RetailEventWriter.SkuCharactersMax} characters");
            else if (!TryNumber(_columns.Quantity, out var quantity) || quantity != decimal.Truncate(quantity))
                Bad("Quantity", "is no whole number up to 1,000,000,000");
            else if (!TryNumber(_columns.Price, out var price))
                Bad("UnitPrice", "is no number up to 1,000,000,000");
            else if (!TryDate(_columns.Date, out var date))
                Bad("InvoiceDate", "is no date such as 2010-12-01 08:26:00 or 12/1/2010 8:26");
            else
                Add(number, customer, clock.ToUnixMs(date), new InvoiceLine(
                    csv.GetString(_columns.Sku), Optional(_columns.Name), (int)quantity, price));
        }

        private void Add(string number, string customer, long timeMs, InvoiceLine line)
        {
            if (++_rows > RowsMax)
                throw new ImportException($"the file has more than {RowsMax} lines with a customer; split it by customer");
            if (!_byKey.TryGetValue((number, customer), out var invoice))
            {
                invoice = new Invoice(number, customer, Optional(_columns.Country));
                _byKey.Add((number, customer), invoice);
                _customers.Add(customer);
                if (!_byNumber.TryAdd(number, invoice))
                    _byNumber[number].IsShared = invoice.IsShared = true;
            }

            invoice.Add(line, timeMs);
        }

        private string Optional(int column)
        {
            var text = column < 0 ? "" : csv.GetString(column);
            return text.Length <= RetailEventWriter.NameCharactersMax ? text : text[..RetailEventWriter.NameCharactersMax];
        }

        private void Bad(string field, string problem) => _counts.AddBadRow(csv.LineNumber, field, problem);

        private bool TryNumber(int column, out decimal number) =>
            decimal.TryParse(csv.GetSpan(column), NumberStyles.Float, CultureInfo.InvariantCulture, out number) && Math.Abs(number) <= AmountMax;

        private bool TryDate(int column, out DateTime date) =>
            DateTime.TryParseExact(csv.GetString(column), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out date) && date.Year >= 1970;

        private static int Compare(Invoice left, Invoice right)
        {
            var order = left.TimeMs.CompareTo(right.TimeMs);
            if (order == 0)
                order = string.CompareOrdinal(left.Number, right.Number);
            return order != 0 ? order : string.CompareOrdinal(left.Customer, right.Customer);
        }
    }

    /// <summary>Where the columns stand, found by their names in any order; -1 for a column that the file may lack.</summary>
    private sealed record Columns(int Invoice, int Sku, int Name, int Quantity, int Date, int Price, int Customer, int Country)
    {
        public int Last { get; } = new[] { Invoice, Sku, Name, Quantity, Date, Price, Customer, Country }.Max();

        public static Columns Find(CsvReader csv)
        {
            int At(string name) => csv.TryGetFieldIndex(name, out var index) ? index : -1;
            string[] needed = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];
            var missing = needed.Where(name => At(name) < 0).ToArray();
            if (missing.Length > 0)
                throw new ImportException($"the first line names no column {string.Join(", ", missing)}");
            return new Columns(
                At("InvoiceNo"), At("StockCode"), At("Description"), At("Quantity"),
                At("InvoiceDate"), At("UnitPrice"), At("CustomerID"), At("Country"));
        }
    }
}
