using OrleansCrm.Journal.Ceilings;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>PostgreSQL at a connection string; the databases are made beside the one that it names.</summary>
internal sealed class PostgresBenchDatabase(string connection) : BenchDatabase
{
    private readonly PostgresScratch _scratch = PostgresScratch.On(connection, Environment.ProcessId);
    private readonly Dictionary<string, string> _connections = new(StringComparer.Ordinal);

    public override string Name => Postgres;

    public override async Task<OpenJournal> OpenJournalAsync(string directory, CancellationToken cancellation)
    {
        var options = new PostgresJournalOptions { ConnectionString = await ConnectionOfAsync(directory, cancellation), Exclusive = true };
        var database = await PostgresJournal.OpenAsync(options, cancellation);
        return new OpenJournal(database.Journal, database);
    }

    public override async Task<ICeiling> OpenCeilingAsync(string directory, CancellationToken cancellation) =>
        await PostgresCeiling.CreateAsync(await ConnectionOfAsync(directory, cancellation), cancellation);

    public override async Task ConfigureAsync(ServerOptions options, string directory, CancellationToken cancellation)
    {
        // The first keys are files in any case.
        options.Data = directory;
        options.Database = await ConnectionOfAsync(directory, cancellation);
    }

    public override ValueTask DisposeAsync() => _scratch.DisposeAsync();

    private async Task<string> ConnectionOfAsync(string directory, CancellationToken cancellation)
    {
        if (!_connections.TryGetValue(directory, out var found))
            _connections.Add(directory, found = await _scratch.CreateAsync(cancellation));
        return found;
    }
}
