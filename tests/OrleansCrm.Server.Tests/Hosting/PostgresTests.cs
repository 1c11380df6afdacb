using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.Server.Verification;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Hosting;

[Trait("Needs", "postgres")]
public sealed class PostgresTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [NeedsFact("postgres")]
    public async Task Engine_keeps_everything_in_PostgreSQL_and_goes_on_when_that_is_killed()
    {
        await using var postgres = await PostgresServer.StartAsync();
        var connection = await postgres.CreateDatabaseAsync();
        await using var server = await TestServer.StartAsync(configure: options => options.Database = connection);
        var users = Enumerable.Range(0, 20).Select(_ => Events.NewCustomer()).ToArray();
        var orders = users.Select(user => Events.Order(user, user + "-1", 12.5m, at: DateTimeOffset.UtcNow.AddDays(-1))).ToArray();
        Assert.Equal(200, (await server.IngestAsync(orders)).Status);

        await server.RestartAsync();
        var again = await server.IngestAsync(orders);
        Assert.Equal((0, orders.Length), (again.Json["accepted"].GetInt32(), again.Json["duplicate"].GetInt32()));

        await postgres.KillAsync();
        var more = users.Select(user => Events.Order(user, user + "-2", 2.5m)).ToArray();
        Assert.Equal(503, (await server.IngestAsync(more)).Status);
        await postgres.StartAgainAsync();
        using var deadline = new CancellationTokenSource(Patience);
        while ((await server.IngestAsync(more)).Status != 200)
            await Task.Delay(100, deadline.Token);

        foreach (var user in users)
            Assert.Equal(2, (await server.GetAsync("/v1/customers/" + user)).Json["events"].GetInt32());
        await server.DisposeEngineAsync();
        using var output = new StringWriter();
        Assert.Equal(0, await VerifyVerb.RunAsync(new VerifyOptions { Database = connection }, output, output, CancellationToken.None));
        Assert.Equal(["first-keys.txt"], Directory.GetFiles(server.Data).Select(Path.GetFileName));
    }
}
