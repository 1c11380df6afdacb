using OrleansCrm.Journal;
using OrleansCrm.Journal.Backups;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Backups;

/// <summary>What <c>backup</c> was asked to do.</summary>
/// <param name="To">Directory of the backup; of a list of erasures the file.</param>
/// <param name="OnlyErasures">Write the list of who was erased and nothing else.</param>
internal sealed record BackupRequest(string Data, string? Database, string To, bool OnlyErasures);

/// <summary>The verb <c>backup</c>: copies the database beside a server that runs on it.</summary>
internal static class BackupVerb
{
    /// <returns>Exit code: 0 done, 1 it could not be copied.</returns>
    public static async Task<int> RunAsync(BackupRequest request, TimeProvider time, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            var began = time.GetTimestamp();
            if (!request.OnlyErasures)
                await WriteAsync(request, time, began, output, cancellation);

            // Later than the copy: whom this names and the copy still has will be erased again when it is restored.
            await using var database = await ReadOnlyDatabase.OpenAsync(request.Data, request.Database, cancellation);
            var erased = await ErasureList.ReadAsync(database.Journal, cancellation);
            erased.Write(request.OnlyErasures ? request.To : Path.Combine(request.To, ErasureList.FileName));
            if (request.OnlyErasures)
                await output.WriteLineAsync(FormattableString.Invariant($"{erased.Erased.Length:#,0} erasures"));
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }
    }

    private static async Task WriteAsync(BackupRequest request, TimeProvider time, long began, TextWriter output, CancellationToken cancellation)
    {
        var manifest = request.Database is { } connection
            ? await PostgresBackup.WriteAsync(connection, request.To, time, cancellation)
            : await SqliteBackup.WriteAsync(request.Data, request.To, time, cancellation);
        await output.WriteLineAsync($"Backup in {Path.GetFullPath(request.To)}, as of {manifest.Taken.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");
        await output.WriteLineAsync(FormattableString.Invariant(
            $"{manifest.Entries:#,0} entries, {manifest.Bytes:#,0} bytes, {time.GetElapsedTime(began).TotalSeconds:0.0} s"));
        await output.WriteLineAsync($"digest {manifest.Digest}");
    }
}
