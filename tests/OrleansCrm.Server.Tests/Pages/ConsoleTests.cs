using System.Diagnostics;
using System.Text.Json;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.Server.Tests.Interop;
using Xunit.Abstractions;

namespace OrleansCrm.Server.Tests.Pages;

/// <summary>The agents' console in a real browser, against the real server. Pictures of every page are left beside the tests, in <c>Pictures</c>.</summary>
public sealed class ConsoleTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private const string Program = """
        {"offers":[{"id":"ten","kind":"percent","value":10,"title":"10% for you"}],"consent":{"marketing":{"shop":true},"service":{"*":true}},
         "triggers":{"policies":[{"id":"pay-again","on":"payment_failed"}]}}
        """;

    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(configure: o => o.Partition.WakeQuiet = TimeSpan.FromMilliseconds(100));

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Every_page_is_accessible_and_fits_in_both_themes()
    {
        var user = Events.NewCustomer();
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, Program)).Status);
        await _server.IngestAsync(Events.SilentCustomer(user));
        await _server.IngestAsync(Events.Order(user + "/ä b", "o-1", 20, at: DateTimeOffset.UtcNow.AddDays(-40)), """{"type":"track","event":"nobody's"}""");
        await _server.IngestAsync(Events.Track(user, "f", "Payment Failed"));
        await WaitForAlertAsync(user);
        await WaitForOfferAsync(user);
        var pictures = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Pictures")).FullName;

        var found = await RunAsync("console-walk.mjs", "user:" + user, pictures);

        Assert.Empty(Texts(found.GetProperty("errors")));
        Assert.Empty(Texts(found.GetProperty("foreign")));
        var pages = found.GetProperty("pages").EnumerateArray().ToArray();
        Assert.Equal(52, pages.Length);
        Assert.Empty(pages.SelectMany(p => Texts(p.GetProperty("violations")).Select(v => $"{p.GetProperty("name")} {p.GetProperty("theme")}: {v}")));
        Assert.Empty(pages.Where(p => p.GetProperty("overflow").GetBoolean()).Select(p => p.GetProperty("name").GetString()));
    }

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task First_load_is_below_300_KB()
    {
        var seen = await RunAsync("console-first-load.mjs");

        output.WriteLine(seen.ToString());
        Assert.InRange(seen.GetProperty("bytes").GetInt32(), 50_000, 300_000);
    }

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Ten_thousand_alerts_scroll_with_a_few_rows_in_the_page()
    {
        var seen = await RunAsync("console-storm.mjs", "10000");

        output.WriteLine(seen.ToString());
        Assert.Equal((10_000, 0), (seen.GetProperty("reached").GetInt32(), seen.GetProperty("blank").GetInt32()));
        Assert.InRange(seen.GetProperty("rows").GetInt32(), 5, 40);
        Assert.InRange(seen.GetProperty("nodes").GetInt32(), 100, 2_000);
    }

    private async Task WaitForAlertAsync(string user)
    {
        for (var waited = Stopwatch.StartNew(); (await _server.GetAsync("/v1/customers/" + user)).Json["openAlerts"].GetArrayLength() == 0; await Task.Delay(50))
            Assert.True(waited.Elapsed < Patience, "no alert was raised");

        // The list of customers is that of the last flush.
        for (var waited = Stopwatch.StartNew(); (await _server.GetAsync("/v1/customers")).Json["items"].GetArrayLength() == 0; await Task.Delay(50))
            Assert.True(waited.Elapsed < Patience, "nobody was listed");
    }

    private async Task WaitForOfferAsync(string user)
    {
        for (var waited = Stopwatch.StartNew();
            (await _server.GetAsync("/v1/customers/" + user)).Json["nextBestOffer"].ValueKind == JsonValueKind.Null;
            await Task.Delay(50))
            Assert.True(waited.Elapsed < Patience, "nothing was offered");
    }

    private async Task<JsonElement> RunAsync(string script, params string[] arguments) => JsonDocument.Parse(await NodeScript.RunAsync(
        script, [_server.Address, TestServer.AdminEmail, TestServer.AdminPassword, .. arguments])).RootElement;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(text => text.GetString()!)];
}
