using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Programs;

public sealed class ProgramTests : IAsyncLifetime
{
    private const string Plan = """
        {"trackingPlan":{"Order Completed":{"mode":"MODE","schema":{"type":"object","required":["order_id","revenue"],"properties":{"revenue":{"type":"number","minimum":1}}}}}}
        """;

    private bool _isPlanless;
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(configure: options => options.WithoutTrackingPlan = _isPlanless);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Default_program_is_in_force_until_one_is_published()
    {
        var program = await _server.GetAsync("/v1/program");

        Assert.Equal((200, "\"1\""), (program.Status, program.Headers["ETag"]));
        Assert.Equal((1, "EUR"), (program.Json["version"].GetInt32(), program.Json["currency"].GetString()));
        Assert.Equal("object", (await _server.GetAsync("/v1/program/schema")).Json["type"].GetString());
        var version = (await _server.GetAsync("/v1/program/versions")).Json["items"].EnumerateArray().Single();
        Assert.Equal(JsonValueKind.Null, version.GetProperty("publishedAt").ValueKind);
    }

    [Fact]
    public async Task Published_program_is_in_force_at_once_in_every_partition_and_over_a_restart()
    {
        var user = Events.NewCustomer();
        await _server.IngestAsync(Events.Order(user, user + "-1", 10));

        var published = await PutAsync("""{"version":77,"loyalty":{"pointsPerUnit":3} }""");
        await _server.IngestAsync(Events.Order(user, user + "-2", 10));

        Assert.Equal((200, 2), (published.Status, published.Json["version"].GetInt32()));
        Assert.Equal(40, await PointsAsync(user));
        await _server.RestartAsync();
        await _server.IngestAsync(Events.Order(user, user + "-3", 10));
        Assert.Equal(70, await PointsAsync(user));
        Assert.Equal(3, (await _server.GetAsync("/v1/program")).Json["loyalty"].GetProperty("pointsPerUnit").GetInt32());
        var journal = _server.Engine.Services.GetRequiredService<IJournal>();
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
            Assert.Single(await journal.ReadWideAsync(partition, CancellationToken.None), e => e.Type == EntryTypes.ProgramPublished);
    }

    [Fact]
    public async Task Program_with_faults_names_all_of_them_and_changes_nothing()
    {
        var refused = await PutAsync("""{"currency":"euro","churn":{"horizonDays":0},"extra":1}""");

        Assert.Equal((422, "invalid_program"), (refused.Status, refused.Code));
        Assert.Equal(
            ["churn.horizonDays", "currency", "extra"], refused.Json["errors"].EnumerateArray().Select(e => e.GetProperty("field").GetString()).Order());
        Assert.Equal("invalid_json", (await PutAsync("{")).Code);
        Assert.Equal(422, (await PutAsync("""{"currency":"\ud800"}""")).Status);
        Assert.Equal(413, (await PutAsync("{\"currency\":\"" + new string('x', 300_000) + "\"}")).Status);
        Assert.Equal(1, (await _server.GetAsync("/v1/program")).Json["version"].GetInt32());
    }

    [Fact]
    public async Task Versions_are_kept_and_the_same_document_again_is_no_new_one()
    {
        await PutAsync("""{"currency":"GBP"}""");
        var again = await PutAsync("""{"currency":"GBP"}""");
        await PutAsync("""{"currency":"USD"}""");

        Assert.Equal(2, again.Json["version"].GetInt32());
        var first = (await _server.GetAsync("/v1/program/versions?limit=2")).Json;
        Assert.Equal([3, 2], first["items"].EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        Assert.Equal([true, false], first["items"].EnumerateArray().Select(v => v.GetProperty("current").GetBoolean()));
        var rest = (await _server.GetAsync("/v1/program/versions?limit=2&after=" + first["next"].GetString())).Json;
        Assert.Equal([1], rest["items"].EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        Assert.Equal("GBP", (await _server.GetAsync("/v1/program?version=2")).Json["currency"].GetString());
        Assert.Equal("program_not_found", (await _server.GetAsync("/v1/program?version=9")).Code);
    }

    [Fact]
    public async Task Editor_who_comes_too_late_does_not_overwrite_what_another_published()
    {
        await PutAsync("""{"currency":"GBP"}""");

        var late = await PutAsync("""{"currency":"USD"}""", ifMatch: "\"1\"");
        var inTime = await PutAsync("""{"currency":"USD"}""", ifMatch: "\"2\"");

        Assert.Equal((412, "version_conflict"), (late.Status, late.Code));
        Assert.Equal((200, 3), (inTime.Status, inTime.Json["version"].GetInt32()));
    }

    [Fact]
    public async Task Programs_published_at_once_end_as_one_sequence_everywhere()
    {
        var answers = await Task.WhenAll(Enumerable.Range(2, 8).Select(i => PutAsync($$$"""{"loyalty":{"pointsPerUnit":{{{i}}}}}""")));

        Assert.All(answers, answer => Assert.True(answer.Status is 200 or 409, answer.Body));
        var journal = _server.Engine.Services.GetRequiredService<IJournal>();
        string[]? first = null;
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var wide = await journal.ReadWideAsync(partition, CancellationToken.None);
            var programs = wide.Where(e => e.Type == EntryTypes.ProgramPublished).Select(e => Convert.ToHexString(e.Payload)).ToArray();
            Assert.Equal(first ??= programs, programs);
        }

        Assert.Equal(answers.Count(a => a.Status == 200), first!.Length);
    }

    [Fact]
    public async Task Event_that_does_not_fit_a_blocking_plan_is_refused_until_the_plan_is_changed_and_then_replayed()
    {
        var user = Events.NewCustomer();
        await PutAsync(Plan.Replace("MODE", "block"));

        var answer = await _server.IngestAsync(Events.Order(user, user + "-1", 0.5m), Events.Order(user, user + "-2", 5), Events.Track(user));

        var rejected = answer.Json["rejected"].EnumerateArray().Single();
        Assert.Equal("plan_violation", rejected.GetProperty("code").GetString());
        Assert.StartsWith("properties.revenue: ", rejected.GetProperty("detail").GetString());
        var item = (await _server.GetAsync("/v1/quarantine?code=plan_violation")).Json["items"].EnumerateArray().Single();
        var path = $"/v1/quarantine/{item.GetProperty("id").GetString()}/replay";
        Assert.Equal("failed", (await _server.PostAsync(path, "", TestServer.ApiKey)).Json["status"].GetString());

        await PutAsync("{}");
        Assert.Equal("replayed", (await _server.PostAsync(path, "", TestServer.ApiKey)).Json["status"].GetString());
        Assert.Equal("replayed", (await _server.PostAsync(path, "", TestServer.ApiKey)).Json["status"].GetString());
        Assert.Equal(2, (await _server.GetAsync("/v1/customers/" + user)).Json["value"].GetProperty("orders").GetInt32());
    }

    [Fact]
    public async Task Event_that_does_not_fit_a_warning_plan_is_taken_and_shown()
    {
        var user = Events.NewCustomer();
        await PutAsync(Plan.Replace("MODE", "warn"));

        var answer = await _server.IngestAsync(Events.Order(user, user + "-1", 0.5m), Events.Order(user, user + "-2", 0.5m));

        Assert.Equal((2, 2), (answer.Json["accepted"].GetInt32(), answer.Json["warnings"].GetInt32()));
        var seen = (await _server.GetAsync("/v1/program/violations")).Json["items"].EnumerateArray().Single();
        Assert.Equal(
            ("Order Completed", "properties.revenue", 2, 0),
            (seen.GetProperty("event").GetString(), seen.GetProperty("field").GetString(), seen.GetProperty("warned").GetInt32(), seen.GetProperty("blocked").GetInt32()));
    }

    [Fact]
    public async Task Plan_is_in_force_after_a_restart_unless_it_is_switched_off()
    {
        var user = Events.NewCustomer();
        await PutAsync(Plan.Replace("MODE", "block"));

        await _server.RestartAsync();
        Assert.Equal(0, (await _server.IngestAsync(Events.Order(user, user + "-1", 0.5m))).Json["accepted"].GetInt32());
        _isPlanless = true;
        await _server.RestartAsync();
        Assert.Equal(1, (await _server.IngestAsync(Events.Order(user, user + "-1", 0.5m))).Json["accepted"].GetInt32());
    }

    [Fact]
    public async Task Events_with_names_that_mean_nothing_are_taken_and_counted()
    {
        var user = Events.NewCustomer();

        await _server.IngestAsync(Events.Track(user, name: "Button Pressed"), Events.Track(user, name: "Button Pressed"), Events.Track(user));

        var names = (await _server.GetAsync("/v1/events/names")).Json["items"].EnumerateArray();
        Assert.Equal([("Button Pressed", 2)], names.Select(n => (n.GetProperty("name").GetString()!, n.GetProperty("count").GetInt32())));
        Assert.Equal(3, (await _server.GetAsync("/v1/customers/" + user)).Json["events"].GetInt32());
    }

    private Task<Answer> PutAsync(string body, string? ifMatch = null) => _server.SendAsync(
        HttpMethod.Put,
        "/v1/program",
        TestServer.ApiKey,
        body,
        request =>
        {
            if (ifMatch is not null)
                request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        });

    private async Task<int> PointsAsync(string customer) =>
        (await _server.GetAsync("/v1/customers/" + customer)).Json["loyalty"].GetProperty("balance").GetInt32();
}
