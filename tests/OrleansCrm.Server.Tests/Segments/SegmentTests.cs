using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Segments;

public sealed class SegmentTests
{
    private const string Program = """{"segments":{"repeat":{"title":"Bought twice","when":{"field":"orders","atLeast":2}},"spring":{"when":{"field":"acquisition.first.campaign","is":"spring"}}}}""";

    [Fact]
    public async Task Segments_are_published_filled_found_counted_and_tried_beforehand()
    {
        await using var server = await TestServer.StartAsync();
        await server.IngestAsync(
            Events.Order("ada", "o1", 10), Events.Order("ada", "o2", 20), Events.Order("bob", "o3", 5),
            """{"type":"page","userId":"eve","messageId":"p1","context":{"campaign":{"name":"spring","source":"news"}}}""");

        var whatIf = await server.PostAsync("/v1/program/whatif", Program, TestServer.ApiKey);
        Assert.Equal(
            """{"current":0,"candidate":1,"enter":1,"leave":0,"entering":["user:ada"],"leaving":[]}""",
            whatIf.Json["segments"].GetProperty("repeat").GetRawText());

        Assert.Equal(200, (await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, Program)).Status);
        var after = await server.GetAsync("/v1/customers/ada");
        await server.IngestAsync(Events.Order("bob", "o4", 5));
        var timeline = await server.GetAsync("/v1/customers/bob/timeline");
        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();

        Assert.Equal("""["repeat"]""", after.Json["segments"].GetRawText());
        Assert.Contains("entered segment repeat", timeline.Body, StringComparison.Ordinal);
        var segments = await EvaluatedAsync(server);
        Assert.Equal(
            """[{"name":"repeat","title":"Bought twice","customers":2},{"name":"spring","title":"","customers":1}]""", segments.Json["items"].GetRawText());
        Assert.Equal("""{"repeat":2,"spring":1}""", (await server.GetAsync("/v1/metrics/summary")).Json["segments"].GetRawText());
        Assert.Equal(["ada", "bob"], await FindAsync(server, "segment=repeat&sort=id"));
        Assert.Equal(["eve"], await FindAsync(server, "segment=spring"));
        Assert.Equal(["eve"], await FindAsync(server, "campaign=spring"));
        Assert.Empty(await FindAsync(server, "segment=spr"));
    }

    private static async Task<Answer> EvaluatedAsync(TestServer server)
    {
        for (var started = Environment.TickCount64; ; await Task.Delay(50))
        {
            var answer = await server.GetAsync("/v1/segments");
            if (answer.Json["evaluated"].GetDouble() == 1)
                return answer;
            Assert.True(Environment.TickCount64 - started < 180_000, "The new definitions were not evaluated in three minutes: " + answer.Body);
            await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
        }
    }

    private static async Task<string[]> FindAsync(TestServer server, string query) =>
        [.. (await server.GetAsync("/v1/customers?" + query)).Json["items"].EnumerateArray().Select(c => c.GetProperty("id").GetString()!)];
}
