using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Hosting;

public sealed class RestartTests
{
    [Fact]
    public async Task After_a_restart_everything_is_as_it_was()
    {
        await using var server = await TestServer.StartAsync();
        var users = Enumerable.Range(0, 30).Select(_ => Events.NewCustomer()).ToArray();
        var orders = users.SelectMany(u => Enumerable.Range(0, 3).Select(i => Events.Order(u, $"{u}-{i}", 12.5m, at: DateTimeOffset.UtcNow.AddDays(-i - 1)))).ToArray();
        await server.IngestAsync(orders);
        var token = await server.SignInAsync();
        var key = (await server.PostAsync("/v1/keys", "{}", TestServer.ApiKey)).Json["key"].GetString();
        var before = await ReadAsync(server, users);

        await server.RestartAsync();

        Assert.Equal(before, await ReadAsync(server, users));
        Assert.Equal(200, (await server.GetAsync("/v1/customers/" + users[0], token)).Status);
        Assert.Equal(200, (await server.GetAsync("/v1/customers/" + users[0], key)).Status);
        var again = await server.IngestAsync(orders);
        Assert.Equal((0, orders.Length), (again.Json["accepted"].GetInt32(), again.Json["duplicate"].GetInt32()));
    }

    [Fact]
    public async Task Database_has_the_partitions_that_were_asked_for_and_keeps_them()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.Partitions = 3);
        Assert.Equal(3, (await server.GetAsync("/health/ready", null)).Json["partitions"].GetProperty("total").GetInt32());
        await server.DisposeEngineAsync();

        await Assert.ThrowsAsync<JournalOpenException>(() => EngineHost.StartAsync(
            new ServerOptions { Data = server.Data, Partitions = 4 }, listen: false, CancellationToken.None));
        await server.RestartEngineAsync();
    }

    [Fact]
    public async Task Second_server_on_the_same_data_is_refused_and_told_who_has_it()
    {
        await using var server = await TestServer.StartAsync();

        var refusal = await Assert.ThrowsAsync<JournalOpenException>(() => TestServer.StartAsync(server.Data));

        Assert.Contains($"process {Environment.ProcessId}", refusal.Message);
        Assert.Equal(200, (await server.GetAsync("/health/ready", null)).Status);
    }

    [Fact]
    public async Task First_start_writes_keys_that_work_and_the_next_keeps_them()
    {
        await using var server = await TestServer.StartAsync();
        var file = Path.Combine(server.Data, "first-keys.txt");
        var text = await File.ReadAllTextAsync(file);
        var keys = text.Split('\n').Where(l => l.Contains("-key ")).ToDictionary(l => l.Split(' ')[0], l => l.Split(' ')[1]);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(Path.GetDirectoryName(file)!).UnixFileMode);
        }

        await server.RestartAsync();

        Assert.Equal(text, await File.ReadAllTextAsync(file));
        Assert.Equal(200, (await server.PostAsync("/v1/batch", """{"batch":[]}""", keys["write-key"])).Status);
        Assert.Equal(200, (await server.GetAsync("/v1/users", keys["api-key"])).Status);
        Assert.Equal(4, (await server.GetAsync("/v1/keys")).Json["items"].GetArrayLength());
    }

    [Fact]
    public async Task Keys_of_the_environment_are_added_to_a_database_that_exists()
    {
        await using var server = await TestServer.StartAsync(configure: o => (o.WriteKey, o.ApiKey, o.AdminEmail, o.AdminPassword) = (null, null, null, null));
        Assert.Equal(401, (await server.GetAsync("/v1/users")).Status);
        await server.DisposeEngineAsync();

        await using var again = await TestServer.StartAsync(server.Data);

        Assert.Equal(200, (await again.GetAsync("/v1/users")).Status);
        Assert.Equal(200, (await again.IngestAsync()).Status);
        Assert.Equal(200, (await again.GetAsync("/v1/users", await again.SignInAsync())).Status);
    }

    [Fact]
    public async Task Requests_under_way_finish_while_readiness_fails()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.DrainDelay = TimeSpan.FromSeconds(6));
        var user = Events.NewCustomer();

        var stopping = server.Engine.DisposeAsync().AsTask();
        var answers = await Task.WhenAll(
            server.GetAsync("/health/ready", null), server.GetAsync("/health/live", null), server.IngestAsync(Events.Order(user, user, 5)));
        var (ready, live, sent) = (answers[0], answers[1], answers[2]);
        await stopping;

        Assert.Equal((503, "draining"), (ready.Status, ready.Json["status"].GetString()));
        Assert.Equal((200, 200), (live.Status, sent.Status));
        await using var again = await TestServer.StartAsync(server.Data);
        Assert.Equal(200, (await again.GetAsync("/v1/customers/" + user)).Status);
    }

    [Fact]
    public async Task Request_that_is_half_sent_when_the_server_stops_is_taken_answered_and_stored()
    {
        await using var server = await TestServer.StartAsync();
        var user = Events.NewCustomer();
        var body = Encoding.UTF8.GetBytes($"{{\"writeKey\":\"{TestServer.WriteKey}\",\"batch\":[{Events.Order(user, user, 5)}]}}");
        var (port, half) = (new Uri(server.Address).Port, body.Length / 2);
        using var sender = new TcpClient();
        await sender.ConnectAsync(IPAddress.Loopback, port);
        var stream = sender.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {body.Length}\r\n\r\n"));
        using var answer = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 100", await answer.ReadLineAsync());
        await stream.WriteAsync(body.AsMemory(0, half));

        var stopping = server.Engine.DisposeAsync().AsTask();
        while (await IsListeningAsync(port))
            await Task.Yield();
        await stream.WriteAsync(body.AsMemory(half));
        var text = await answer.ReadToEndAsync();
        await stopping;

        Assert.Contains("HTTP/1.1 200", text);
        Assert.Contains("\"accepted\":1", text);
        await using var again = await TestServer.StartAsync(server.Data);
        Assert.Equal(200, (await again.GetAsync("/v1/customers/" + user)).Status);
    }

    [Fact]
    public async Task Server_that_is_told_to_wait_starts_when_the_data_are_free()
    {
        await using var server = await TestServer.StartAsync();
        var next = TestServer.StartAsync(server.Data, options => options.TakeoverWait = TimeSpan.FromMinutes(1));
        Assert.Equal(200, (await server.GetAsync("/health/ready", null)).Status);
        Assert.False(next.IsCompleted);

        await server.DisposeEngineAsync();

        await using var second = await next;
        Assert.Equal(200, (await second.GetAsync("/health/ready", null)).Status);
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [Fact]
    public async Task Engine_without_HTTP_has_the_same_pipeline()
    {
        await using var server = await TestServer.StartAsync();
        await server.DisposeEngineAsync();
        var user = Events.NewCustomer();

        await using (var engine = await EngineHost.StartAsync(new ServerOptions { Data = server.Data }, listen: false, CancellationToken.None))
        {
            Assert.Empty(engine.Addresses);
            var pipeline = (OrleansCrm.Server.Ingest.IngestPipeline)engine.Services.GetService(typeof(OrleansCrm.Server.Ingest.IngestPipeline))!;
            var origin = new OrleansCrm.Server.Ingest.IngestOrigin("default", OrleansCrm.Server.Ingest.IngestOrigin.ImportSource);
            var answer = await pipeline.SendAsync(origin, [System.Text.Encoding.UTF8.GetBytes(Events.Order(user, user, 5))], CancellationToken.None);
            Assert.Equal(1, answer.Accepted);
        }

        await using var again = await TestServer.StartAsync(server.Data);
        Assert.Equal(200, (await again.GetAsync("/v1/customers/" + user)).Status);
        var resent = await again.PostAsync("/v1/import", $"{{\"batch\":[{Events.Order(user, user, 5)}]}}", TestServer.ApiKey);
        Assert.Equal(1, resent.Json["duplicate"].GetInt32());
    }

    private static async Task<string[]> ReadAsync(TestServer server, string[] users)
    {
        var profiles = new List<string>();
        foreach (var user in users)
        {
            var json = (await server.GetAsync("/v1/customers/" + user)).Json;

            // What moves with time may move between the two readings.
            profiles.Add(string.Join(' ', json["version"], json["events"], json["phase"], json["loyalty"], json["value"].GetProperty("revenue"), json["recent"]));
        }

        return [.. profiles];
    }
}
