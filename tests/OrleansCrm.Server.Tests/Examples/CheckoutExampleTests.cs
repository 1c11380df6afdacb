using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Decisions;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Interop;

namespace OrleansCrm.Server.Tests.Examples;

/// <summary>The checkout in <c>deploy/examples</c> against the real server, in a real browser. Pictures are left beside the tests, in <c>Pictures</c>.</summary>
public sealed class CheckoutExampleTests(PatientServer fixture) : IClassFixture<PatientServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Folder = Find();

    private readonly TestServer _server = fixture.Server;

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Customer_shops_and_no_key_reaches_the_browser()
    {
        var program = await File.ReadAllTextAsync(Path.Combine(Folder, "program.json"));
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, program)).Status);
        using var shop = StartShop();
        try
        {
            var address = await AddressOfAsync(shop);
            var pictures = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Pictures")).FullName;

            var seen = await WalkAsync(address, "ada", pictures);

            Assert.Empty(Texts(seen, "errors"));
            Assert.Empty(Texts(seen, "foreign"));
            Assert.Empty(Texts(seen, "violations"));
            Assert.Empty(Texts(seen, "overflow"));
            Assert.Equal((0, "none"), Account(seen, "before"));
            Assert.Equal((101, "silver"), Account(seen, "after"));
            Assert.Contains("silver", seen.GetProperty("agent").GetString(), StringComparison.OrdinalIgnoreCase);

            // The new tier was answered in the page that was open, and the shop keeps its word.
            Assert.Contains("-€2.00", seen.GetProperty("discounted").GetString(), StringComparison.Ordinal);

            // Nothing of what was sent, kept or fetched has a key in it; the token of the customer is there.
            var reached = Texts(seen, "reached");
            Assert.Contains(reached, text => text.Contains("ct_", StringComparison.Ordinal));
            foreach (var key in new[] { TestServer.ApiKey, TestServer.WriteKey, TestServer.AdminPassword })
                Assert.DoesNotContain(reached, text => text.Contains(key, StringComparison.Ordinal));

            // Two clicks were one order, and the points of the first paid a part of the second.
            var profile = await _server.GetAsync("/v1/customers/ada");
            Assert.Equal(2, profile.Json["value"].GetProperty("orders").GetInt64());
            Assert.Equal(profile.Json["loyalty"].GetProperty("balance").GetInt64(), Account(seen, "last").Points);
            Assert.Equal(0, profile.Json["loyalty"].GetProperty("held").GetInt64());
            await AssertNobodyIsBelievedAsync(address);
        }
        finally
        {
            shop.Kill(entireProcessTree: true);
        }
    }

    /// <summary>What a page could send that is not the shop's own.</summary>
    private static async Task AssertNobodyIsBelievedAsync(string address)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        foreach (var path in new[] { "/server.mjs", "/program.json", "/../server.mjs", "/page/shop.js", "/%2e%2e/server.mjs" })
            Assert.Equal(404, (int)(await http.GetAsync(path)).StatusCode);
        var order = new { cart = Guid.NewGuid().ToString(), lines = new[] { new { sku = "lamp-arc", quantity = 1 } } };
        Assert.Equal(401, (int)(await http.PostAsJsonAsync("/orders", order)).StatusCode);
        Assert.Equal(401, (int)(await http.PostAsJsonAsync("/token", new { })).StatusCode);
        Assert.Equal(400, (int)(await http.PostAsJsonAsync("/session", new { customer = "../ada" })).StatusCode);

        Assert.Equal(200, (int)(await http.PostAsJsonAsync("/session", new { customer = "bob" })).StatusCode);
        foreach (var lines in new object[] { Array.Empty<int>(), new[] { new { sku = "lamp-arc", quantity = -1 } }, new[] { new { sku = "gold", quantity = 1 } } })
            Assert.Equal(400, (int)(await http.PostAsJsonAsync("/orders", new { order.cart, lines })).StatusCode);
        Assert.Equal(409, (int)(await http.PostAsJsonAsync("/orders", new { order.cart, order.lines, decisionId = "0-0-0000000000000000" })).StatusCode);
        Assert.Equal(400, (int)(await http.PostAsJsonAsync("/orders", new { cart = "1", order.lines })).StatusCode);
        Assert.Equal(415, (int)(await http.PostAsync("/orders", new StringContent("{}"))).StatusCode);
    }

    private Process StartShop()
    {
        var start = new ProcessStartInfo("node", [Path.Combine(Folder, "server.mjs")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ENGINE"] = _server.Address;
        start.Environment["PORT"] = "0";
        start.Environment["WRITE_KEY"] = TestServer.WriteKey;
        start.Environment["API_KEY"] = TestServer.ApiKey;
        return Process.Start(start)!;
    }

    private static async Task<string> AddressOfAsync(Process shop)
    {
        var line = await shop.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? await shop.StandardError.ReadToEndAsync();
        var start = line.IndexOf("http://", StringComparison.Ordinal);
        Assert.True(start >= 0, line);
        return line[start..].Trim();
    }

    private async Task<JsonElement> WalkAsync(string shop, string customer, string pictures) => JsonDocument.Parse(await NodeScript.RunAsync(
        "checkout-walk.mjs", _server.Address, TestServer.AdminEmail, TestServer.AdminPassword, shop, customer, pictures)).RootElement;

    private static string[] Texts(JsonElement seen, string name) => [.. seen.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];

    private static (int Points, string Tier) Account(JsonElement seen, string name)
    {
        var account = seen.GetProperty(name);
        return (account.GetProperty("points").GetInt32(), account.GetProperty("tier").GetString()!);
    }

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansCrm.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root is not above the tests.");
        return Path.Combine(folder, "deploy", "examples", "checkout");
    }
}
