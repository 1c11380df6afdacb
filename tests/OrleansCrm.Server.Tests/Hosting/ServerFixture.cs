namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>One server for all tests of a class; they keep apart by using customers of their own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}
