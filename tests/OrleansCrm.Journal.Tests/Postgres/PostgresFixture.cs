using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Postgres;

/// <summary>One server for the tests that do not stop it; each takes a database of its own. Started by the first that asks.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public const string Collection = "PostgreSQL";

    private readonly Lazy<Task<PostgresServer>> _server = new(PostgresServer.StartAsync);

    public async Task<string> CreateDatabaseAsync(string? encoding = null) => await (await _server.Value).CreateDatabaseAsync(encoding);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
    }
}

[CollectionDefinition(PostgresFixture.Collection)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>;
