using OrleansCrm.Journal;
using OrleansCrm.Journal.Backups;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.Backups;

/// <summary>
/// The verb <c>restore</c>: puts a backup into an empty place, erases whoever was erased since, and folds everything again to see that it is
/// whole.
/// </summary>
internal static class RestoreVerb
{
    /// <param name="from">Directory of the backup.</param>
    /// <param name="erasures">A newer list of erasures, a newer backup or the old data directory; null: the backup's own list.</param>
    /// <param name="server">Names the empty place.</param>
    /// <returns>Exit code: 0 restored and equal, 1 not.</returns>
    public static async Task<int> RunAsync(
        string from, string? erasures, ServerOptions server, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        try
        {
            var manifest = BackupManifest.Read(from);

            // Before anything is copied: what cannot be forgotten again is not to be remembered.
            var erased = await ReadErasuresAsync(from, erasures, manifest, cancellation);
            if (server.Database is { } connection)
                await PostgresBackup.RestoreAsync(manifest, from, connection, cancellation);
            else
                await SqliteBackup.RestoreAsync(manifest, from, server.Data, cancellation);
            await output.WriteLineAsync(FormattableString.Invariant(
                $"{manifest.Entries:#,0} entries as of {manifest.Taken.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}, digest {manifest.Digest}"));
            var again = await ErasureReplay.RunAsync(erased, server, cancellation);
            await output.WriteLineAsync(FormattableString.Invariant($"{again:#,0} customers erased again"));
        }
        catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }

        return await VerifyVerb.RunAsync(new VerifyOptions { Data = server.Data, Database = server.Database }, output, error, cancellation);
    }

    private static async Task<ErasureList> ReadErasuresAsync(string from, string? erasures, BackupManifest manifest, CancellationToken cancellation)
    {
        var own = Path.Combine(from, ErasureList.FileName);
        if (erasures is null && !File.Exists(own))
            return new ErasureList(manifest.DatabaseId, []);
        var list = await ErasureList.FindAsync(erasures ?? own, cancellation);
        return list.DatabaseId == manifest.DatabaseId
            ? list
            : throw new JournalOpenException($"The erasures in '{erasures ?? own}' are of another database: they mean nothing for this one.");
    }
}
