using OrleansCrm.Journal;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Server.Hosting;

/// <summary>Opens a database for a verb that only reads; a server may be running on it.</summary>
internal static class ReadOnlyDatabase
{
    /// <param name="data">Directory of the SQLite database.</param>
    /// <param name="connection">Connection string of a PostgreSQL database in its place, or null.</param>
    /// <exception cref="JournalOpenException">There is none, or it is damaged or of another version.</exception>
    public static async Task<IJournalDatabase> OpenAsync(string data, string? connection, CancellationToken cancellation) =>
        connection is not null
            ? await PostgresJournal.OpenReadOnlyAsync(new PostgresJournalOptions { ConnectionString = connection }, cancellation)
            : await SqliteJournal.OpenReadOnlyAsync(data, cancellation);
}
