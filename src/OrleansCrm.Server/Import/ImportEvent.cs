using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Server.Import;

/// <summary>One event on its way to the engine.</summary>
/// <param name="Customer">Who it belongs to; decides which lane it travels on.</param>
/// <param name="TimeMs">When it happened, Unix milliseconds, already shifted.</param>
/// <param name="Json">The event object of Segment's tracking format as UTF-8.</param>
internal readonly record struct ImportEvent(CustomerKey Customer, long TimeMs, byte[] Json);

/// <summary>A file as a history: read once to know it, then given out as events as often as needed.</summary>
internal interface IImportSource
{
    /// <summary>How many events it gives.</summary>
    long Events { get; }

    /// <summary>Time of the newest event before any shift, Unix milliseconds; 0 without events.</summary>
    long NewestMs { get; }

    ImportCounts Counts { get; }

    /// <summary>
    /// The events in order of time over all customers, those of one instant in an order that the content decides. Always the same for the
    /// same content and <paramref name="plan"/>.
    /// </summary>
    IEnumerable<ImportEvent> Read(ImportPlan plan);
}

/// <summary>What was read, and what could not be.</summary>
internal sealed class ImportCounts
{
    /// <summary>How many bad rows are told one by one; the rest is only counted.</summary>
    public const int BadRowsShown = 20;

    public long Lines { get; set; }

    public long Orders { get; set; }

    public long Refunds { get; set; }

    public long Customers { get; set; }

    public long RowsWithoutCustomer { get; set; }

    public long BadRows { get; private set; }

    /// <summary>The first of them.</summary>
    public List<BadRow> FirstBadRows { get; } = [];

    public void AddBadRow(long line, string field, string problem)
    {
        if (BadRows++ < BadRowsShown)
            FirstBadRows.Add(new BadRow(line, field, problem));
    }
}

/// <param name="Line">Line of the file on which the row begins, counted from 1.</param>
/// <param name="Problem">What is wrong; never what stands there, which may be personal data.</param>
internal sealed record BadRow(long Line, string Field, string Problem);

/// <summary>The file as a whole cannot be imported; the message is for the person who asked.</summary>
internal sealed class ImportException(string message, Exception? inner = null) : Exception(message, inner);
