using System.Globalization;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Metrics;

/// <summary>A stretch of whole months in UTC, counted from January 1970 = 0.</summary>
/// <param name="End">The month after the last one.</param>
internal readonly record struct Period(int First, int End)
{
    /// <summary>As many months, directly before.</summary>
    public Period Previous => new(First - (End - First), First);

    public DateTime From => StartOf(First);

    public DateTime To => StartOf(End);

    public bool Holds(int month) => month >= First && month < End;

    public static int MonthOf(DateTimeOffset instant) => (instant.UtcDateTime.Year - 1970) * 12 + instant.UtcDateTime.Month - 1;

    public static DateTime StartOf(int month) => new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(month);

    public static string NameOf(int month) => StartOf(month).ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>The months that <c>from</c> and <c>to</c> (which is not meant any more) touch.</summary>
    /// <param name="first">Without <c>from</c>.</param>
    /// <param name="now">Without <c>to</c>, its month is the last.</param>
    /// <returns>Null with the reason when they are no instants, or the wrong way round.</returns>
    public static Period? Read(IQueryCollection query, int? first, DateTimeOffset now, out string fault)
    {
        fault = "";
        DateTimeOffset from = default;
        var to = now.AddTicks(1);
        if (query["from"] is [{ } start] && !IsoTime.TryParseQuery(start, out from))
            fault = "\"from\" is an ISO-8601 instant from 1970 on.";
        else if (query["to"] is [{ } end] && !IsoTime.TryParseQuery(end, out to))
            fault = "\"to\" is an ISO-8601 instant from 1970 on.";
        if (fault.Length > 0)
            return null;
        var last = MonthOf(to.AddTicks(-1));
        var period = new Period(query.ContainsKey("from") ? MonthOf(from) : Math.Min(first ?? last, last), last + 1);
        if (period.First < period.End && (!query.ContainsKey("from") || from < to))
            return period;
        fault = "\"from\" comes before \"to\".";
        return null;
    }
}
