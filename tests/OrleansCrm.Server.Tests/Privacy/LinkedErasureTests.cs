using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.Tests.Privacy;

public sealed class LinkedErasureTests
{
    [Fact]
    public async Task Every_id_of_the_person_is_erased_with_the_one_that_was_asked_for()
    {
        await using var server = await TestServer.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await server.IngestAsync($$"""{"type":"page","anonymousId":"browser-{{i}}","messageId":"p{{i}}","name":"Home"}""");
            await server.IngestAsync($$$"""{"type":"identify","userId":"lin","anonymousId":"browser-{{{i}}}","messageId":"i{{{i}}}","traits":{"email":"lin@mail.example"}}""");
            await server.IngestAsync($$"""{"type":"track","event":"Product Viewed","anonymousId":"browser-{{i}}","messageId":"v{{i}}"}""");
        }

        await UntilAsync(async () => (await server.GetAsync("/v1/customers/lin")).Json["identities"].GetArrayLength() == 6);
        var export = await server.GetAsync("/v1/customers/anonymous:browser-3/export");
        Assert.Equal(5, export.Json["entries"].EnumerateArray().Count(e => e.GetProperty("type").GetString() == "page"));

        await UntilAsync(async () => (await server.SendAsync(HttpMethod.Delete, "/v1/customers/anonymous:browser-0", TestServer.ApiKey)).Status == 200);

        Assert.Equal(410, (await server.GetAsync("/v1/customers/lin")).Status);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(410, (await server.GetAsync($"/v1/customers/anonymous:browser-{i}")).Status);
            var late = await server.IngestAsync($$"""{"type":"page","anonymousId":"browser-{{i}}","messageId":"late{{i}}","name":"Home"}""");
            Assert.Equal("erased", late.Json["rejected"][0].GetProperty("code").GetString());
        }

        var journal = server.Engine.Services.GetRequiredService<IJournal>();
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var entries = await journal.ReadAsync(partition, 0, 10_000, default);
            Assert.All(entries, e => Assert.Contains(e.Type, new[] { EntryTypes.Erased, EntryTypes.ErasureRequested, EntryTypes.ErasureDone, EntryTypes.FoldRaised }));
            Assert.All(entries, e => Assert.DoesNotContain("lin", e.Customer, StringComparison.Ordinal));
        }

        await server.DisposeEngineAsync();
        var output = new StringWriter();
        Assert.True(await VerifyVerb.RunAsync(new VerifyOptions { Data = server.Data }, output, output, default) == 0, output.ToString());
        await server.RestartEngineAsync();
        Assert.Equal("done", (await server.SendAsync(HttpMethod.Delete, "/v1/customers/lin", TestServer.ApiKey)).Json["status"].GetString());
    }

    [Fact]
    public async Task Somebody_else_who_claimed_an_id_of_the_person_is_in_neither_export_nor_merge()
    {
        await using var server = await TestServer.StartAsync();
        await server.IngestAsync("""{"type":"identify","userId":"owner","anonymousId":"tablet","messageId":"i1"}""");
        var second = await server.IngestAsync("""{"type":"identify","userId":"zora","anonymousId":"tablet","messageId":"i2"}""");
        Assert.Equal("already_linked", second.Json["unlinked"][0].GetProperty("code").GetString());

        var export = await server.GetAsync("/v1/customers/owner/export");

        Assert.Equal(2, export.Json["entries"].EnumerateArray().Count(e => e.GetProperty("type").GetString() == EntryTypes.IdentityClaim));
        Assert.DoesNotContain("zora", export.Body);
        Assert.Contains("zora", (await server.GetAsync("/v1/customers/zora/export")).Body);

        await UntilAsync(async () => (await server.SendAsync(HttpMethod.Delete, "/v1/customers/owner", TestServer.ApiKey)).Status == 200);
        var third = await server.IngestAsync("""{"type":"identify","userId":"mia","anonymousId":"tablet","messageId":"i3"}""");
        Assert.Equal("erased", third.Json["unlinked"][0].GetProperty("code").GetString());
        var refused = await server.PostAsync("/v1/customers/mia/merge", """{"into":"owner"}""", TestServer.ApiKey);
        Assert.Equal((410, "erased"), (refused.Status, refused.Code));
        Assert.Equal(200, (await server.PostAsync("/v1/customers/mia/merge", """{"into":"zora"}""", TestServer.ApiKey)).Status);
    }

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
