using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Tests.Import;

public sealed class EventsFileTests
{
    private static readonly ImportPlan Plan = new("events-test", "events", 0, "UTC", "EUR");

    [Fact]
    public void Event_keeps_what_it_says_and_gains_the_import()
    {
        var sent = Assert.Single(Read("""
            {"type":"track","event":"Order Completed","userId":"u1","messageId":"m1","timestamp":"2024-01-01T00:00:00+01:00","sentAt":"2024-01-02T00:00:00Z","context":{"ip":"::1","import":"forged"},"properties":{"order_id":"o1","revenue":1.250}}
            """, out var source));

        var json = JsonDocument.Parse(sent.Json).RootElement;
        Assert.Equal("2023-12-31T23:00:00.000Z", json.GetProperty("timestamp").GetString());
        Assert.Equal("m1", json.GetProperty("messageId").GetString());
        Assert.Equal("events-test", json.GetProperty("context").GetProperty("import").GetString());
        Assert.Equal("::1", json.GetProperty("context").GetProperty("ip").GetString());
        Assert.Equal("1.250", json.GetProperty("properties").GetProperty("revenue").GetRawText());
        Assert.False(json.TryGetProperty("sentAt", out _));
        Assert.Equal((1, 1, 1), (source.Counts.Orders, source.Counts.Customers, source.Counts.Lines));
    }

    [Fact]
    public void Event_without_message_id_gets_one_from_its_line()
    {
        var sent = Read("\n{\"type\":\"track\",\"event\":\"x\",\"userId\":\"u\",\"messageId\":\"\",\"timestamp\":\"2024-01-01\"}", out _);

        Assert.Equal("events-test:2", JsonDocument.Parse(sent.Single().Json).RootElement.GetProperty("messageId").GetString());
    }

    [Fact]
    public void Event_with_both_ids_belongs_to_the_user()
    {
        var sent = Read("""
            {"type":"track","event":"x","userId":"u","anonymousId":"a","timestamp":"2024-01-01"}
            {"type":"track","event":"x","userId":" ","anonymousId":"a","timestamp":"2024-01-02"}
            """, out _);

        Assert.Equal([CustomerKind.User, CustomerKind.Anonymous], sent.Select(e => e.Customer.Kind));
    }

    [Fact]
    public void Lines_that_are_no_events_are_told_and_stop_nothing()
    {
        var sent = Read("""
            not json
            [1]
            {"type":"track","timestamp":"2024-01-01"}
            {"type":"track","userId":"u"}
            {"type":"track","userId":"u","timestamp":"soon"}
            {"type":"track","event":"x","userId":"u","timestamp":"2024-01-01"}
            """ + "\n" + new string('x', LineReader.LineBytesMax + 1), out var source);

        Assert.Single(sent);
        Assert.Equal(
            [(1L, "line"), (2L, "line"), (3L, "userId"), (4L, "timestamp"), (5L, "timestamp"), (7L, "line")],
            source.Counts.FirstBadRows.Select(b => (b.Line, b.Field)));
    }

    [Fact]
    public void File_out_of_order_goes_out_in_order_of_time()
    {
        var lines = Enumerable.Range(0, 200).Select(i => Line($"u{i % 7}", i * 7919 % 200 / 2, i));

        var sent = Read(string.Join('\n', lines), out _);

        Assert.Equal(200, sent.Count);
        Assert.Equal(sent.OrderBy(e => e.TimeMs).Select(e => e.TimeMs), sent.Select(e => e.TimeMs));
    }

    [Fact]
    public void Sort_that_spills_to_disk_keeps_the_order_of_equal_times()
    {
        var lines = Enumerable.Range(0, 1_000).Select(i => new EventLine(i * 7919 % 10, i, Encoding.UTF8.GetBytes($"{i}"))).ToArray();

        var sorted = EventSort.ByTime(lines, runBytes: 300).ToArray();

        Assert.Equal(lines.OrderBy(l => l.TimeMs).ThenBy(l => l.Number).Select(l => (l.TimeMs, l.Number)), sorted.Select(l => (l.TimeMs, l.Number)));
        Assert.All(sorted, l => Assert.Equal($"{l.Number}", Encoding.UTF8.GetString(l.Json)));
    }

    private static string Line(string user, int minute, int number) => JsonSerializer.Serialize(new
    {
        type = "track",
        @event = "x",
        userId = user,
        messageId = $"m{number}",
        timestamp = DateTime.UnixEpoch.AddMinutes(minute),
    });

    private static List<ImportEvent> Read(string text, out EventsFile source)
    {
        using var file = new TempFile(Encoding.UTF8.GetBytes(text));
        source = EventsFile.Open(new SourceFile(file.Path), "default", Plan.Import);
        return [.. source.Read(Plan)];
    }
}
