using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Http;

/// <summary>Lists that are at hand as a whole come in pages all the same.</summary>
public sealed class PagingTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [Theory]
    [InlineData("/v1/keys")]
    [InlineData("/v1/users")]
    [InlineData("/v1/tenants")]
    [InlineData("/v1/events/names")]
    [InlineData("/v1/program/violations")]
    public async Task Page_has_its_bounds_and_its_cursor(string path)
    {
        Assert.Equal("invalid_limit", (await _server.GetAsync(path + "?limit=0")).Code);
        Assert.Equal("invalid_limit", (await _server.GetAsync(path + "?limit=501")).Code);
        Assert.Equal("invalid_cursor", (await _server.GetAsync(path + "?after=never-given-out")).Code);
        Assert.Equal(200, (await _server.GetAsync(path + "?limit=500")).Status);
    }

    [Fact]
    public async Task Pages_together_are_the_list()
    {
        for (var i = 0; i < 4; i++)
            await _server.PostAsync("/v1/keys", $$"""{"name":"key {{i}}"}""", TestServer.ApiKey);
        await _server.IngestAsync([.. Enumerable.Range(0, 5).Select(i => Events.Track("u", name: "Näme & " + i))]);
        foreach (var (path, id) in new[] { ("/v1/keys", "id"), ("/v1/events/names", "name") })
        {
            var whole = Ids(await _server.GetAsync(path), id);
            var paged = new List<string>();
            var next = "";
            do
            {
                var page = await _server.GetAsync($"{path}?limit=2{(next.Length > 0 ? "&after=" + Uri.EscapeDataString(next) : "")}");
                Assert.InRange(page.Json["items"].GetArrayLength(), 1, 2);
                paged.AddRange(Ids(page, id));
                next = page.Json["next"].GetString() ?? "";
            }
            while (next.Length > 0);
            Assert.Equal(whole, paged);
            Assert.True(whole.Length >= 5);
        }
    }

    [Fact]
    public async Task Only_names_that_nobody_expects_are_listed()
    {
        await _server.IngestAsync(
            Events.Track("u", name: "Ticket Opened"), Events.Track("u", name: "Idea Submitted"), Events.Track("u", name: "Tikcet Opened"));

        var names = Ids(await _server.GetAsync("/v1/events/names"), "name");

        Assert.Contains("Tikcet Opened", names);
        Assert.DoesNotContain("Ticket Opened", names);
        Assert.DoesNotContain("Idea Submitted", names);
    }

    private static string[] Ids(Answer list, string id) => [.. list.Json["items"].EnumerateArray().Select(i => i.GetProperty(id).GetString()!)];
}
