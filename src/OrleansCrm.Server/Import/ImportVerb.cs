using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using Spectre.Console;

namespace OrleansCrm.Server.Import;

/// <summary>
/// The verb <c>import</c>: brings a history in through the same pipeline as live events. The import is named by the file's content and its
/// events by the import, so a second run, or one after a kill, is recognised event by event and changes nothing twice.
/// </summary>
internal static class ImportVerb
{
    /// <param name="server">Which database to open when the history does not go to a URL.</param>
    /// <returns>Exit code: 0 done, 1 it failed or was stopped.</returns>
    /// <exception cref="StartException">The options cannot be had.</exception>
    public static async Task<int> RunAsync(
        ImportOptions options, ServerOptions server, IAnsiConsole console, TimeProvider time, TextWriter error, CancellationToken cancellation)
    {
        if (options.FindFault() is { } fault)
            throw new StartException(fault);

        try
        {
            return await ImportAsync(options, server, new ImportDisplay(console, time), time, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await error.WriteLineAsync("stopped; run the import again to go on");
            return 1;
        }
        catch (Exception e) when (e is ImportException or JournalException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<int> ImportAsync(
        ImportOptions options, ServerOptions server, ImportDisplay display, TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var file = new SourceFile(options.File);
        display.Line($"reading {options.File}");
        var name = file.ImportName(options.Format);
        var source = Open(options, file, name, options.TimeZone);
        var proposed = options.Format == ImportFormat.Events
            ? new ImportPlan(name, SourceFile.FormatName(options.Format), ShiftOf(options, source, time), "", "")
            : new ImportPlan(name, SourceFile.FormatName(options.Format), ShiftOf(options, source, time), options.TimeZone, options.Currency);

        await using var engine = options.Url is null ? await EngineHost.StartAsync(server, listen: false, cancellation) : null;
        await using IImportTarget target = engine is null
            ? new HttpImportTarget(options.Url!, options.ApiKey!, time, display.Line)
            : new EngineImportTarget(engine.Services, options.Tenant);
        var plan = await target.StartAsync(proposed, cancellation);
        if (plan != proposed)
        {
            display.Line("this import was begun before: what it decided then about shift, time zone and currency stands");
            if (plan.TimeZone != proposed.TimeZone)
                source = Open(options, file, name, plan.TimeZone);
        }

        var run = new ImportRun(target, options, time);
        var begun = time.GetTimestamp();
        var total = Math.Min(source.Events, options.StopAfter ?? source.Events);
        await display.SendingAsync(total, () => run.Tally.Done, run.SendAsync(source, plan, cancellation));
        var sending = time.GetElapsedTime(begun);
        if (!run.Tally.IsStopped)
        {
            var left = "";
            await display.WaitingAsync(
                () => "living through what fell due" + left, run.SettleAsync(name, count => left = $": {count:#,0} left", cancellation));
        }

        await display.WaitingAsync(() => "storing", target.FlushAsync(cancellation));
        foreach (var line in ImportReport.Write(plan, source, run.Tally, sending, time.GetElapsedTime(started)))
            display.Line(line);
        return 0;
    }

    private static IImportSource Open(ImportOptions options, SourceFile file, string name, string timeZone) =>
        options.Format == ImportFormat.Events
            ? EventsFile.Open(file, options.Tenant, name)
            : OnlineRetailFile.Open(file, options.Tenant, timeZone);

    private static long ShiftOf(ImportOptions options, IImportSource source, TimeProvider time) =>
        options.ShiftToNow && source.Events > 0 ? ImportPlan.ShiftTo(time.GetUtcNow().ToUnixTimeMilliseconds(), source.NewestMs) : 0;
}
