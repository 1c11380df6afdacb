using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Journal;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.Tests.Privacy;

public sealed class ErasureTests
{
    private const string Person = "zora-quillfeather";

    private static readonly string[] Words = [Person, "Zora Quillfeather", "zq@mail.example", "order-9191", "never-again-this-shop"];

    [Fact]
    public async Task Nothing_in_any_file_names_a_person_after_the_receipt()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partition = new() { FlushAge = TimeSpan.FromMilliseconds(200), WakeQuiet = TimeSpan.Zero });
        var journal = server.Engine.Services.GetRequiredService<IJournal>();
        await FillAsync(server);
        await server.IngestAsync([
            $$$"""{"type":"identify","userId":"{{{Person}}}","messageId":"i","traits":{"name":"Zora Quillfeather","email":"zq@mail.example"}}""",
            .. Events.SilentCustomer(Person),
            Events.Order("neighbour", "order-of-another", 5),
            $$$"""{"type":"track","event":"Product Reviewed","userId":"{{{Person}}}","messageId":"r","timestamp":"2024-05-01T00:00:00Z","properties":{"comment":"never-again-this-shop"}}"""]);
        await FillAsync(server);
        await UntilAsync(async () => (await journal.ReadDeskChangesAsync("default/default", 0, 10, default)).Any(c => Has(c.Alert, "Zora Quillfeather")));
        await UntilAsync(() => Task.FromResult(Found(server.Data).Length >= Words.Length - 1));
        var export = await server.GetAsync($"/v1/customers/{Person}/export");
        await server.IngestAsync(Events.Order(Person, "order-9191", 7));

        var receipt = await EraseAsync(server);

        Assert.Empty(Found(server.Data));
        Assert.Equal("done", receipt.Json["status"].GetString());
        var stores = receipt.Json["stores"];
        Assert.Equal((14, 1), (stores.GetProperty("entries").GetInt32() - WakesIn(export), stores.GetProperty("snapshots").GetInt32()));
        foreach (var path in new[] { "", "/timeline", "/export" })
            Assert.Equal((410, "erased"), await CodeOfAsync(server, $"/v1/customers/{Person}{path}"));
        var late = await server.IngestAsync(Events.Order(Person, "order-9191", 7), Events.Order("neighbour", "order-after", 5));
        Assert.Equal((200, 1), (late.Status, late.Json["accepted"].GetInt32()));
        Assert.Equal("erased", late.Json["rejected"].EnumerateArray().Single().GetProperty("code").GetString());
        Assert.Equal(receipt.Json["receiptId"].GetString(), (await EraseAsync(server)).Json["receiptId"].GetString());

        await server.RestartAsync();
        Assert.Equal(410, (await server.GetAsync("/v1/customers/" + Person)).Status);
        Assert.Equal(2, (await server.GetAsync("/v1/customers/neighbour")).Json["value"].GetProperty("orders").GetInt32());
        Assert.Empty(Found(server.Data));
        await server.DisposeEngineAsync();
        Assert.Empty(Found(server.Data));
        var output = new StringWriter();
        Assert.True(await VerifyVerb.RunAsync(new VerifyOptions { Data = server.Data }, output, output, default) == 0, output.ToString());
        await server.RestartEngineAsync();
    }

    [Fact]
    public async Task Export_holds_everything_that_was_sent()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 250; i++)
            await server.IngestAsync(Events.Order(Person, $"order-{i}", 2));
        await server.IngestAsync(
            $$$"""{"type":"identify","userId":"{{{Person}}}","messageId":"i","traits":{"email":"zq@mail.example"}}""",
            $$$"""{"type":"track","event":"Consent Changed","userId":"{{{Person}}}","messageId":"c","properties":{"purpose":"news","channel":"sms","granted":true}}""");
        await server.IngestAsync(
            $$$"""{"type":"track","event":"Order Refunded","userId":"{{{Person}}}","messageId":"w","properties":{"order_id":"order-9191","amount":3}}""",
            $$$"""{"type":"track","event":"Order Completed","userId":"{{{Person}}}","messageId":"bad","properties":{"note":"never-again-this-shop"}}""",
            """{"type":"track","event":"Order Completed","userId":"neighbour","messageId":"bad"}""");

        var export = await server.GetAsync($"/v1/customers/{Person}/export");

        Assert.Equal((200, 253), (export.Status, export.Json["entries"].GetArrayLength()));
        Assert.Contains("never-again-this-shop", Assert.Single(export.Json["refused"].EnumerateArray()).GetProperty("raw").GetString());
        Assert.Equal(3, Assert.Single(export.Json["customer"].GetProperty("waitingOrders").EnumerateArray()).GetProperty("refunded").GetDecimal());
        Assert.Equal("zq@mail.example", export.Json["entries"][2].GetProperty("payload").GetProperty("traits").GetProperty("email").GetString());
        var customer = export.Json["customer"];
        Assert.Equal(250, customer.GetProperty("orders").GetArrayLength());
        Assert.Equal(500, customer.GetProperty("ledger").GetProperty("available").GetInt32());
        Assert.Equal("sms", customer.GetProperty("consents")[0].GetProperty("channel").GetString());
        Assert.Equal("email", customer.GetProperty("traits")[0].GetProperty("name").GetString());
        Assert.Equal([$"user:{Person}"], customer.GetProperty("profile").GetProperty("identities").EnumerateArray().Select(i => i.GetString()));
        Assert.Equal(404, (await server.GetAsync("/v1/customers/nobody/export")).Status);
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Delete, "/v1/customers/nobody", TestServer.ApiKey)).Status);
    }

    private static async Task<Answer> EraseAsync(TestServer server)
    {
        Answer answer = null!;
        await UntilAsync(async () => (answer = await server.SendAsync(HttpMethod.Delete, "/v1/customers/" + Person, TestServer.ApiKey)).Status == 200);
        return answer;
    }

    /// <summary>Neighbours whose rows make pages split, move and fill.</summary>
    private static async Task FillAsync(TestServer server)
    {
        for (var batch = 0; batch < 10; batch++)
            Assert.Equal(200, (await server.IngestAsync([.. Enumerable.Range(0, 100).Select(i => Events.Order($"n-{i}-{batch % 5}", Guid.NewGuid().ToString(), 3))])).Status);
    }

    private static int WakesIn(Answer export) => export.Json["entries"].EnumerateArray().Count(e => e.GetProperty("type").GetString() == "wake");

    private static async Task<(int Status, string Code)> CodeOfAsync(TestServer server, string path)
    {
        var answer = await server.GetAsync(path);
        return (answer.Status, answer.Code);
    }

    /// <summary>Which of the person's words stand in which file of the data directory.</summary>
    private static string[] Found(string directory) =>
    [
        .. from file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories)
           let bytes = ReadShared(file)
           from word in Words
           where Has(bytes, word)
           select $"{word} in {Path.GetFileName(file)}",
    ];

    /// <summary>By another process: to close a file of SQLite's in this one would give its locks free.</summary>
    private static byte[] ReadShared(string file)
    {
        using var reader = Process.Start(new ProcessStartInfo("cat", [file]) { RedirectStandardOutput = true })!;
        using var copy = new MemoryStream();
        reader.StandardOutput.BaseStream.CopyTo(copy);
        reader.WaitForExit();
        return copy.ToArray();
    }

    private static bool Has(byte[] bytes, string word) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0;

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (!await isSo())
        {
            Assert.True(DateTime.UtcNow < deadline, "It did not come about in time.");
            await Task.Delay(20);
        }
    }
}
