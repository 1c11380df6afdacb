using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.Server.WhatIf;

namespace OrleansCrm.Server.Tests.WhatIf;

public sealed class WhatIfTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Candidate_is_played_and_nothing_is_changed()
    {
        await using var server = await TestServer.StartAsync();
        await server.IngestAsync(Events.Order("ada", "o1", 10), Events.Order("ada", "o2", 20), Events.Order("bob", "o3", 5), Events.Track("eve"));
        await server.IngestAsync(Events.SilentCustomer("sam"));
        var before = await server.GetAsync("/v1/customers/ada");

        var answer = await server.PostAsync("/v1/program/whatif", """{"loyalty":{"pointsPerUnit":3},"alerts":{"churnRisk":{"enabled":false}}}""", TestServer.ApiKey);
        var wrapped = await server.PostAsync("/v1/program/whatif", """{"program":{"loyalty":{"pointsPerUnit":3},"alerts":{"churnRisk":{"enabled":false}}}}""", TestServer.ApiKey);

        Assert.Equal(200, answer.Status);
        Assert.Equal((4, 3), (answer.Json["customers"].GetInt32(), answer.Json["changed"].GetInt32()));
        Assert.Equal((535, 1605), PairOf(answer, "outcomes", "points granted"));
        Assert.Equal((1, 0), PairOf(answer, "outcomes", "alert raised churn_risk"));
        Assert.Equal((35, 105), PairOf(answer.Json["days"].EnumerateArray().Last(), "points"));
        Assert.Contains(answer.Json["examples"].EnumerateArray(), e => e.GetProperty("customer").GetString() == "user:sam");
        Assert.Equal(answer.Json["outcomes"].GetRawText(), wrapped.Json["outcomes"].GetRawText());
        Assert.Equal(before.Json["loyalty"].GetRawText(), (await server.GetAsync("/v1/customers/ada")).Json["loyalty"].GetRawText());
        Assert.Equal(1, (await server.GetAsync("/v1/program")).Json["version"].GetInt32());
    }

    [Fact]
    public async Task Program_in_force_compared_with_itself_differs_nowhere_and_tells_what_really_happened()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated(80);
        await trial.ImportAsync(file, Server.Import.ImportFormat.Events);
        await using var server = await TestServer.StartAsync(trial.Data);
        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();

        var report = await RunAsync(server, ProgramDocument.Default, default);

        Assert.Equal((0, 0), (report.Changed, report.Failed));
        Assert.Empty(report.Days);
        var told = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var user in (await File.ReadAllLinesAsync(file.Path)).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("userId").GetString()).Distinct())
        {
            string? next = "";
            while (next is not null)
            {
                var page = await server.GetAsync($"/v1/customers/{user}/timeline?limit=500" + (next.Length == 0 ? "" : "&before=" + next));
                foreach (var text in page.Json["items"].EnumerateArray().SelectMany(i => i.GetProperty("outcomes").EnumerateArray()).Select(o => o.GetString()!))
                {
                    var word = text.EndsWith(" points", StringComparison.Ordinal) ? (text[0] == '+' ? "points granted" : "points taken back") : text;
                    told[word] = told.GetValueOrDefault(word) + (text.EndsWith(" points", StringComparison.Ordinal) ? long.Parse(text[1..^7], CultureInfo.InvariantCulture) : 1);
                }

                next = page.Json["next"].GetString();
            }
        }

        Assert.Equal(told, report.Outcomes.ToDictionary(o => o.Key, o => o.Value.Current));
        Assert.True(told["alert raised churn_risk"] > 0 && told["phase lost"] > 0);
    }

    [Fact]
    public async Task What_a_candidate_promises_is_what_comes_about_once_it_is_published()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated(60);
        await trial.ImportAsync(file, Server.Import.ImportFormat.Events);
        await using var server = await TestServer.StartAsync(trial.Data);
        await using var other = await TestServer.StartAsync();
        const string Candidate = """{"loyalty":{"pointsPerUnit":2},"lifecycle":{"loyaltyPurchaseDays":2},"churn":{"horizonDays":60}}""";

        var report = await RunAsync(server, ProgramDocument.Parse(System.Text.Encoding.UTF8.GetBytes(Candidate)), default);
        await other.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, Candidate);
        foreach (var page in (await File.ReadAllLinesAsync(file.Path)).Chunk(500))
            Assert.Equal(200, (await other.IngestAsync(page)).Status);
        var really = await RunAsync(other, ProgramDocument.Default, default);

        Assert.True(report.Changed > 20);
        Assert.Equal(
            really.Outcomes.Where(o => o.Value.Current != 0).ToDictionary(o => o.Key, o => o.Value.Current),
            report.Outcomes.Where(o => o.Value.Candidate != 0).ToDictionary(o => o.Key, o => o.Value.Candidate));
        Assert.Equal(
            really.Phases.Where(p => p.Value.Current != 0).ToDictionary(p => p.Key, p => p.Value.Current),
            report.Phases.Where(p => p.Value.Candidate != 0).ToDictionary(p => p.Key, p => p.Value.Candidate));
    }

    [Fact]
    public async Task Candidate_counts_from_its_first_instant_on()
    {
        await using var server = await TestServer.StartAsync();
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await server.IngestAsync([.. Enumerable.Range(0, 10).Select(i => Events.Order("ada", "o" + i, 10, at: start.AddDays(i)))]);

        var report = await RunAsync(server, new ProgramDocument { Loyalty = new() { PointsPerUnitMicros = 2_000_000 } }, start.AddDays(6), start.AddDays(9));

        Assert.Equal((30L, 60L), (report.Outcomes["points granted"].Current, report.Outcomes["points granted"].Candidate));
        Assert.Equal(["2026-01-07", "2026-01-08", "2026-01-09"], report.Days.Select(d => d.Day));
    }

    [Theory]
    [InlineData("", """{"currency":"euro"}""", 422, "invalid_program")]
    [InlineData("", "{", 400, "invalid_json")]
    [InlineData("?from=soon", "{}", 400, "invalid_period")]
    [InlineData("?from=2026-02-01&to=2026-01-01", "{}", 400, "invalid_period")]
    [InlineData("?share=0", "{}", 400, "invalid_share")]
    [InlineData("?share=many", "{}", 400, "invalid_share")]
    public async Task Question_that_cannot_be_answered_has_its_code(string query, string body, int status, string code)
    {
        var answer = await _server.PostAsync("/v1/program/whatif" + query, body, TestServer.ApiKey);

        Assert.Equal((status, code), (answer.Status, answer.Code));
    }

    private static async Task<WhatIfReport> RunAsync(TestServer server, ProgramDocument candidate, DateTimeOffset from, DateTimeOffset? to = null)
    {
        var fromMs = Math.Max(0, from.ToUnixTimeMilliseconds());
        var request = new WhatIfRequest("default", candidate, fromMs, (to ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds(), 1);
        var run = new WhatIfRun(server.Engine.Services.GetRequiredService<IJournal>(), request);
        await run.RunAsync(CancellationToken.None);
        return run.Report;
    }

    private static (long, long) PairOf(Answer answer, string section, string name) => PairOf(answer.Json[section], name);

    private static (long, long) PairOf(JsonElement parent, string name) =>
        (parent.GetProperty(name).GetProperty("current").GetInt64(), parent.GetProperty(name).GetProperty("candidate").GetInt64());
}
