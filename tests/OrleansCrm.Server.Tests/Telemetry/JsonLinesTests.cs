using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansCrm.Server.Telemetry;

namespace OrleansCrm.Server.Tests.Telemetry;

public sealed class JsonLinesTests
{
    [Fact]
    public void Line_is_one_json_object_with_the_trace_it_belongs_to()
    {
        using var request = new Activity("request").SetParentId("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").Start();

        var line = Write("two\nlines", new InvalidOperationException("why"));

        Assert.Equal(1, line.Count(c => c == '\n'));
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", json.GetProperty("traceId").GetString());
        Assert.Equal(("Warning", "two\nlines", 7), (json.GetProperty("level").GetString(), json.GetProperty("message").GetString(), json.GetProperty("event").GetInt32()));
        Assert.Contains("why", json.GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.Zero, json.GetProperty("time").GetDateTimeOffset().Offset);
    }

    [Fact]
    public void Line_outside_of_a_request_has_no_trace()
    {
        var json = JsonDocument.Parse(Write("quiet", null)).RootElement;

        Assert.False(json.TryGetProperty("traceId", out _));
        Assert.False(json.TryGetProperty("exception", out _));
    }

    private static string Write(string message, Exception? exception)
    {
        using var text = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, "OrleansCrm.Room", 7, message, exception, (state, _) => state);
        new JsonLines(TimeProvider.System).Write(entry, null, text);
        return text.ToString();
    }
}
