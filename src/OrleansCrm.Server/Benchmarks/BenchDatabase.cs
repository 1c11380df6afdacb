using OrleansCrm.Journal;
using OrleansCrm.Journal.Ceilings;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>
/// A database that the ladder is climbed on. Each rung has an empty one of its own, named by a directory that nobody else uses; the same
/// directory is the same database.
/// </summary>
internal abstract class BenchDatabase : IAsyncDisposable
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";
    public const string Both = "both";

    public abstract string Name { get; }

    public abstract Task<OpenJournal> OpenJournalAsync(string directory, CancellationToken cancellation);

    public abstract Task<ICeiling> OpenCeilingAsync(string directory, CancellationToken cancellation);

    /// <summary>Makes an engine use the journal of this directory.</summary>
    public abstract Task ConfigureAsync(ServerOptions options, string directory, CancellationToken cancellation);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <param name="connection">Connection string for PostgreSQL.</param>
    public static BenchDatabase[] Choose(string name, string? connection) => name switch
    {
        Sqlite => [new SqliteBenchDatabase()],
        Postgres => [new PostgresBenchDatabase(connection!)],
        _ => [new SqliteBenchDatabase(), new PostgresBenchDatabase(connection!)],
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

    public override Task ConfigureAsync(ServerOptions options, string directory, CancellationToken cancellation)
    {
        options.Data = directory;
        options.Database = null;
        return Task.CompletedTask;
    }
}
