using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Verification;

/// <summary>The verb <c>verify</c>.</summary>
internal static class VerifyVerb
{
    /// <returns>Exit code: 0 equal, 1 something differs or cannot be read, 2 bad options.</returns>
    public static async Task<int> RunAsync(VerifyOptions options, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        if (options.FindFault() is { } fault)
        {
            await error.WriteLineAsync(fault);
            return 2;
        }

        try
        {
            await using var database = await ReadOnlyDatabase.OpenAsync(options.Data, options.Database, cancellation);
            var tenants = (await database.Accounts.ReadTenantsAsync(cancellation)).Select(t => t.Id).ToArray();
            using var archive = options.Archive is { } directory ? ArchiveFolder.Open(directory, database.Journal.Identity, cancellation) : null;
            var verifier = new Verifier(database.Journal, tenants, options, archive);
            await verifier.RunAsync(cancellation);
            await WriteAsync(verifier, output);
            return verifier.Findings.Differences == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await error.WriteLineAsync("stopped");
            return 1;
        }
        catch (Exception e) when (e is JournalException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task WriteAsync(Verifier verifier, TextWriter output)
    {
        var findings = verifier.Findings;
        (string Name, long Value)[] rows =
        [
            ("customers", findings.Customers),
            ("entries", findings.Entries),
            ("snapshots compared", findings.Compared),
            ("not yet flushed", findings.NotYetFlushed),
            ("faulted entries", findings.Faulted),
            ("open alerts", findings.OpenAlerts),
            ("alert changes on their way", findings.OnTheirWay),
        ];
        foreach (var (name, value) in rows)
            await output.WriteLineAsync(FormattableString.Invariant($"{name,-28}{value,14:#,0}"));
        foreach (var note in findings.Notes)
            await output.WriteLineAsync(note);
        foreach (var difference in findings.First)
            await output.WriteLineAsync(difference);
        await output.WriteLineAsync($"digest {verifier.Digest}");
        await output.WriteLineAsync(findings.Differences == 0 ? "equal" : FormattableString.Invariant($"{findings.Differences} differences"));
    }
}
