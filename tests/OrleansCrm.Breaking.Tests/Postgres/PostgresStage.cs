using OrleansCrm.Breaking.Tests.Dangers;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Breaking.Tests.Postgres;

/// <summary>A database of a private PostgreSQL server.</summary>
internal sealed class PostgresStage : Stage
{
    private readonly PostgresServer _server;
    private readonly string _connection;
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanscrm-kill-").FullName;

    private PostgresStage(PostgresServer server, string connection) => (_server, _connection) = (server, connection);

    public override string Data => Path.Combine(_directory, "data");

    public override string Remains => _connection;

    protected override string[] Arguments => ["--data", Data, "--database", _connection];

    protected override async Task<string[]> ElsewhereAsync(string data) => ["--data", data, "--database", await _server.CreateDatabaseAsync()];

    public static async Task<Stage> OpenAsync(PostgresServer server) => new PostgresStage(server, await server.CreateDatabaseAsync());

    public override Danger[] DrawDangers(Random random) =>
        [new LostDatabase(_server, random.Next(3)), random.Next(2) == 0 ? new PausedOwner(_connection) : new SecondServer()];

    // The private server ends with the run; what it held is told by the mismatches.
    public override void Keep()
    {
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}
