using System.Text.Json.Nodes;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Hostile;

/// <summary>A server with one well-behaved customer on it, whom nothing that others send may change.</summary>
public sealed class HostileFixture : IAsyncLifetime
{
    private const string Bystander = "bystander";

    private string _profile = "";

    internal TestServer Server { get; private set; } = null!;

    internal RawHttp Raw { get; private set; } = null!;

    internal string Token { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Server = await TestServer.StartAsync(configure: options => options.Ingest.Limits.Enabled = false);
        Raw = new RawHttp(Server.Address);
        Token = await Server.SignInAsync();
        await Server.IngestAsync([.. Enumerable.Range(0, 5).Select(i => Events.Order(Bystander, "b" + i, 10 + i)), Events.Track(Bystander, "b-view")]);
        _profile = await ProfileAsync();
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>The server is ready, and the bystander is who he was.</summary>
    internal async Task AssertUnharmedAsync()
    {
        Assert.Equal(200, (await Server.GetAsync("/health/ready", null)).Status);
        Assert.Equal(_profile, await ProfileAsync());
        Assert.Equal(1, (await Server.IngestAsync(Events.Track(Events.NewCustomer()))).Json["accepted"].GetInt32());
    }

    // Without what moves with the clock alone.
    private async Task<string> ProfileAsync()
    {
        var profile = JsonNode.Parse((await Server.GetAsync("/v1/customers/" + Bystander)).Body)!.AsObject();
        profile.Remove("asOf");
        profile.Remove("churn");
        profile["value"]!.AsObject().Remove("predictedOrders90d");
        profile["value"]!.AsObject().Remove("clv");
        return profile.ToJsonString();
    }
}
