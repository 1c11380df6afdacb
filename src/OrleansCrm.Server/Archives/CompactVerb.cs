using System.Globalization;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.Archives;

/// <summary>The verb <c>compact</c>: moves old entries to an archive while no server runs.</summary>
internal static class CompactVerb
{
    /// <returns>Exit code: 0 done, 1 not or not all of it.</returns>
    public static async Task<int> RunAsync(CompactOptions options, TimeProvider time, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            await using var database = await OpenAsync(options, cancellation);
            var tenants = (await database.Accounts.ReadTenantsAsync(cancellation)).Select(t => t.Id).ToArray();
            var compaction = new Compaction(database.Journal, options, await Verifier.FindDesksAsync(database.Journal, tenants, cancellation), time);
            await compaction.RunAsync(cancellation);
            foreach (var file in compaction.Files)
                await output.WriteLineAsync(Path.Combine(Path.GetFullPath(options.To), file));
            await output.WriteLineAsync(Say(compaction));
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is JournalException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            await error.WriteLineAsync("Nothing is lost. Run it again when that is mended.");
            return ExitCodes.Failed;
        }
    }

    private static string Say(Compaction done)
    {
        var before = DateTimeOffset.FromUnixTimeMilliseconds(done.BeforeMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return done.Entries == 0
            ? $"nothing to move: no entry from before {before} that can be done without"
            : string.Create(
                CultureInfo.InvariantCulture, $"{done.Entries:#,0} entries of {done.Customers:#,0} customers moved; the journal reaches back to {before}");
    }

    private static async Task<IJournalDatabase> OpenAsync(CompactOptions options, CancellationToken cancellation) =>
        options.Database is { } connection
            ? await PostgresJournal.OpenAsync(new PostgresJournalOptions { ConnectionString = connection, Exclusive = true }, cancellation)
            : await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = options.Data }, cancellation);
}
