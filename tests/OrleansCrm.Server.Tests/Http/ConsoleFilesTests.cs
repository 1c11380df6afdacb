using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Http;

/// <summary>The console's files, where the build has made them.</summary>
public sealed class ConsoleFilesTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly TestServer _server = fixture.Server;

    [ConsoleFact]
    public async Task Paths_that_belong_to_nothing_else_are_the_page()
    {
        foreach (var path in new[] { "/", "/alerts/0-1-0", "/customers/user:x", "/customers/ada.l@shop.example/ledger" })
        {
            var answer = await _server.GetAsync(path, null);
            Assert.Equal((200, "text/html", "no-cache"), (answer.Status, answer.Headers["Content-Type"], answer.Headers["Cache-Control"]));
            Assert.Contains("id=\"root\"", answer.Body);
        }
    }

    [ConsoleFact]
    public async Task Reference_of_the_API_is_a_page_of_its_own()
    {
        var answer = await _server.GetAsync("/reference", null);

        Assert.Equal((200, "text/html", "no-cache"), (answer.Status, answer.Headers["Content-Type"], answer.Headers["Cache-Control"]));
        Assert.Contains("API · OrleansCrm", answer.Body);
    }

    [ConsoleFact]
    public async Task Assets_can_be_kept_for_ever()
    {
        var asset = Path.GetFileName(Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "wwwroot", "assets"), "*.js").First());

        var answer = await _server.GetAsync("/assets/" + asset, null);

        Assert.Equal((200, "public, max-age=31536000, immutable"), (answer.Status, answer.Headers["Cache-Control"]));
    }

    [ConsoleFact]
    public async Task Assets_come_compressed_to_those_who_can_read_them()
    {
        var asset = Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "wwwroot", "assets"), "*.js").MaxBy(f => new FileInfo(f).Length)!;
        var path = "/assets/" + Path.GetFileName(asset);

        foreach (var (accepted, encoding) in new[] { ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", null) })
        {
            var answer = await _server.SendAsync(HttpMethod.Get, path, change: r => r.Headers.Add("Accept-Encoding", accepted));
            Assert.Equal((200, "text/javascript", encoding), (answer.Status, answer.Headers["Content-Type"], answer.Headers.GetValueOrDefault("Content-Encoding")));
            Assert.Equal("Accept-Encoding", answer.Headers["Vary"]);
            Assert.Equal(encoding is null, answer.Headers["Content-Length"] == new FileInfo(asset).Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    [Theory]
    [InlineData("/v1/nothing")]
    [InlineData("/hubs/nothing")]
    [InlineData("/health/nothing")]
    [InlineData("/assets/nothing.js")]
    [InlineData("/../appsettings.json")]
    [InlineData("/%2e%2e/OrleansCrm.Server.dll")]
    public async Task What_is_not_there_is_never_the_page(string path)
    {
        var answer = await _server.GetAsync(path, null);

        Assert.Equal((404, "not_found"), (answer.Status, answer.Code));
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class ConsoleFactAttribute : FactAttribute
    {
        public ConsoleFactAttribute()
        {
            if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot", "index.html")))
                Skip = "Needs the console, which this build has left out (-p:Console=false).";
        }
    }
}
