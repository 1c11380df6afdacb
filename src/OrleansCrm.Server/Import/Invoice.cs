namespace OrleansCrm.Server.Import;

/// <summary>All lines of one invoice number that belong to one customer, wherever they stand in the file.</summary>
internal sealed class Invoice(string number, string customer, string country)
{
    public string Number { get; } = number;

    public string Customer { get; } = customer;

    public string Country { get; } = country;

    /// <summary>Unix milliseconds of the earliest line.</summary>
    public long TimeMs { get; private set; } = long.MaxValue;

    public List<InvoiceLine> Lines { get; } = [];

    /// <summary>Other customers have lines of this number too.</summary>
    public bool IsShared { get; set; }

    /// <summary>A number that starts with C takes back what was sold.</summary>
    public bool IsCancellation => Number[0] is 'C' or 'c';

    /// <summary>
    /// The number; with the customer behind it when several customers share the number, so that it names one order in the whole shop.
    /// </summary>
    public string NaturalKey => IsShared ? $"{Number}:{Customer}" : Number;

    /// <summary>Quantity times price over all lines, exact; below zero for a cancellation.</summary>
    public decimal Value
    {
        get
        {
            var sum = 0m;
            foreach (var line in Lines)
                sum += line.Quantity * line.Price;
            return sum;
        }
    }

    public void Add(InvoiceLine line, long timeMs)
    {
        Lines.Add(line);
        TimeMs = Math.Min(TimeMs, timeMs);
    }
}

internal readonly record struct InvoiceLine(string Sku, string Name, int Quantity, decimal Price);
