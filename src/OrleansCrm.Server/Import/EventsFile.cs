using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Server.Import;

/// <summary>
/// Events as lines of JSON. Read through once to learn its newest time and whether it is in order of time; one that is not is sorted on
/// disk (<see cref="EventSort"/>) before the first event goes out.
/// </summary>
internal sealed class EventsFile : IImportSource
{
    private readonly SourceFile _file;
    private readonly string _tenant;
    private readonly string _import;
    private bool _isSorted = true;

    private EventsFile(SourceFile file, string tenant, string import)
    {
        _file = file;
        _tenant = tenant;
        _import = import;
    }

    public ImportCounts Counts { get; } = new();

    public long Events { get; private set; }

    public long NewestMs { get; private set; }

    public static EventsFile Open(SourceFile file, string tenant, string import)
    {
        var events = new EventsFile(file, tenant, import);
        events.Survey();
        return events;
    }

    public IEnumerable<ImportEvent> Read(ImportPlan plan)
    {
        var writer = new EventRewriter(plan);
        var lines = _isSorted ? Lines(null) : EventSort.ByTime(Lines(null));
        foreach (var line in lines)
        {
            using var json = JsonDocument.Parse(line.Json);
            TryKey(json.RootElement, out var key);
            var timeMs = line.TimeMs + plan.ShiftMs;
            yield return new ImportEvent(key, timeMs, writer.Write(json.RootElement, timeMs, $"{_import}:{line.Number}"));
        }
    }

    private void Survey()
    {
        // 64-bit hashes: for a count in a report, and eight bytes a customer.
        var customers = new HashSet<ulong>();
        var lastMs = long.MinValue;
        foreach (var line in Lines(Counts))
        {
            Events++;
            _isSorted &= line.TimeMs >= lastMs;
            lastMs = line.TimeMs;
            NewestMs = Math.Max(NewestMs, line.TimeMs);
            using var json = JsonDocument.Parse(line.Json);
            TryKey(json.RootElement, out var key);
            customers.Add(StableHash.Hash64(key.ToString()));
            if (json.RootElement.TryGetProperty("event", out var name) && name.ValueKind == JsonValueKind.String)
            {
                if (name.ValueEquals("Order Completed"))
                    Counts.Orders++;
                else if (name.ValueEquals("Order Refunded"))
                    Counts.Refunds++;
            }
        }

        Counts.Customers = customers.Count;
    }

    /// <summary>The lines that are events, in file order; what is wrong with the others goes to <paramref name="counts"/>.</summary>
    private IEnumerable<EventLine> Lines(ImportCounts? counts)
    {
        using var content = _file.OpenRead();
        long number = 0;
        foreach (var line in LineReader.Read(content))
        {
            number++;
            if (line.IsTooLong)
            {
                counts?.AddBadRow(number, "line", $"is longer than {LineReader.LineBytesMax} bytes");
                continue;
            }

            if (!line.Bytes.Span.ContainsAnyExcept(" \t\r"u8))
                continue;
            if (counts is not null)
                counts.Lines++;
            if (Examine(line.Bytes, out var timeMs) is { } fault)
                counts?.AddBadRow(number, fault.Field, fault.Problem);
            else
                yield return new EventLine(timeMs, number, line.Bytes.ToArray());
        }
    }

    private (string Field, string Problem)? Examine(ReadOnlyMemory<byte> line, out long timeMs)
    {
        timeMs = 0;
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return ("line", "is no JSON object");
            if (!TryKey(json.RootElement, out _))
                return ("userId", "neither userId nor anonymousId names a customer");
            if (!EventRewriter.TryTime(json.RootElement, out timeMs))
                return ("timestamp", "is missing or no ISO 8601 time");
            return null;
        }
        catch (JsonException)
        {
            return ("line", "is no JSON object");
        }
    }

    // An event with both ids belongs to the user.
    private bool TryKey(JsonElement json, out CustomerKey key) =>
        CustomerKey.TryCreate(_tenant, CustomerKind.User, Id(json, "userId"), out key, out _)
        || CustomerKey.TryCreate(_tenant, CustomerKind.Anonymous, Id(json, "anonymousId"), out key, out _);

    private static string? Id(JsonElement json, string name) =>
        json.TryGetProperty(name, out var id)
            ? id.ValueKind switch
            {
                JsonValueKind.String => id.GetString(),
                JsonValueKind.Number => id.GetRawText(),
                _ => null,
            }
            : null;
}

/// <param name="Number">Line of the file, from 1; with the time it gives the order.</param>
internal sealed record EventLine(long TimeMs, long Number, byte[] Json);
