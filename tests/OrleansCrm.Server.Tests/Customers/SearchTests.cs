using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Customers;

public sealed class SearchTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Customers_are_found_by_phase_and_risk_in_order_and_page_by_page()
    {
        for (var i = 0; i < 12; i++)
            await _server.IngestAsync(Events.Order($"buyer/{i:00}", $"o{i}", 10 + i), Events.Track($"seen{i:00}"));
        await _server.IngestAsync(Events.SilentCustomer("sam"));
        await _server.IngestAsync("""{"type":"page","anonymousId":"visitor"}""", """{"type":"page","userId":"seen00","anonymousId":"visitor"}""");
        await WaitForAsync("sam", "recapture");
        await _server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();

        Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(i => $"buyer/{i:00}"), await FindAsync("phase=purchase&sort=revenue&limit=5"));
        Assert.Equal(["sam"], await FindAsync("minRisk=0.7&phase=recapture&sort=risk"));
        Assert.Equal(25, (await FindAsync("limit=4")).Length);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"seen{i:00}"), await FindAsync("phase=orientation&sort=id&limit=7"));
        Assert.Empty(await FindAsync("segment=any"));
        Assert.Empty(await FindAsync("owner=anybody"));
        var item = (await _server.GetAsync("/v1/customers?phase=recapture")).Json["items"][0];
        Assert.Equal((10, 500m, "EUR"), (item.GetProperty("orders").GetInt32(), item.GetProperty("revenue").GetProperty("amount").GetDecimal(), item.GetProperty("revenue").GetProperty("currency").GetString()));
    }

    [Theory]
    [InlineData("sort=shoe", "invalid_sort")]
    [InlineData("minRisk=2", "invalid_risk")]
    [InlineData("phase=advocate", "invalid_phase")]
    [InlineData("owner=me", "invalid_owner")]
    [InlineData("phase=lost&phase=recapture", "invalid_phase")]
    [InlineData("minRisk=NaN", "invalid_risk")]
    [InlineData("after=%21", "invalid_cursor")]
    [InlineData("after=e30", "invalid_cursor")]
    [InlineData("limit=0", "invalid_limit")]
    public async Task Search_that_cannot_be_has_its_code(string query, string code)
    {
        var answer = await _server.GetAsync("/v1/customers?" + query);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    private async Task<string[]> FindAsync(string query)
    {
        var found = new List<string>();
        string? next = null;
        do
        {
            var page = await _server.GetAsync($"/v1/customers?{query}" + (next is null ? "" : "&after=" + next));
            Assert.Equal(200, page.Status);
            found.AddRange(page.Json["items"].EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            next = page.Json["next"].GetString();
        }
        while (next is not null);
        Assert.Equal(found.Count, found.Distinct().Count());
        return [.. found];
    }

    private async Task WaitForAsync(string id, string phase)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while ((await _server.GetAsync("/v1/customers/" + id)).Json["phase"].GetString() != phase)
            Assert.True(DateTime.UtcNow < deadline, $"{id} never came to {phase}.");
    }
}
