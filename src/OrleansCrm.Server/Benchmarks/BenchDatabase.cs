using OrleansCrm.Journal;
using OrleansCrm.Journal.Ceilings;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>A database that the ladder is climbed on: each rung gets an empty one of its own.</summary>
internal abstract class BenchDatabase
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";
    public const string Both = "both";

    public abstract string Name { get; }

    /// <summary>An empty journal.</summary>
    public abstract Task<OpenJournal> OpenJournalAsync(string directory, CancellationToken cancellation);

    public abstract Task<ICeiling> OpenCeilingAsync(string directory, CancellationToken cancellation);

    /// <summary>Makes an engine use the journal of this directory.</summary>
    public abstract void Configure(ServerOptions options, string directory);

    /// <returns>What was asked for, or what is wrong with that.</returns>
    public static (BenchDatabase[] Databases, string? Fault) Choose(string name) => name switch
    {
        Sqlite => ([new SqliteBenchDatabase()], null),
        _ => ([], "this version keeps its journal in SQLite; bench cannot use another --database"),
    };
}

/// <summary>A journal and what has to be closed after it.</summary>
internal sealed record OpenJournal(IJournal Journal, IAsyncDisposable Owner) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Owner.DisposeAsync();
}

internal sealed class SqliteBenchDatabase : BenchDatabase
{
    public override string Name => Sqlite;

    public override async Task<OpenJournal> OpenJournalAsync(string directory, CancellationToken cancellation)
    {
        var database = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = directory }, cancellation);
        return new OpenJournal(database.Journal, database);
    }

    public override Task<ICeiling> OpenCeilingAsync(string directory, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory);
        return Task.FromResult<ICeiling>(SqliteCeiling.Create(directory));
    }

    public override void Configure(ServerOptions options, string directory) => options.Data = directory;
}
