using System.CommandLine;
using System.Globalization;
using System.Text;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.WhatIf;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>whatif</c>: plays the journal under a candidate program, beside a running server too.</summary>
internal static class WhatIfCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var tenant = CommonOptions.Tenant();
        var program = new Option<FileInfo>("--program") { Description = "The candidate: a program document as PUT /v1/program takes it", Required = true, HelpName = "FILE" };
        var from = Instant("--from", "The candidate is in force from then on (default: from the first event)", default);
        var to = Instant("--to", "What happened later is not looked at (default: now)", DateTimeOffset.MaxValue);
        var share = new Option<double>("--share") { Description = "Share of the customers, above 0 up to 1", DefaultValueFactory = _ => 1 };
        share.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1))
                result.AddError("--share takes a number above 0 up to 1");
        });
        var json = new Option<string?>("--json") { Description = "File for the results, day by day and with examples", HelpName = "FILE" };
        var command = new Command("whatif", "Play the history under a candidate program and tell what would have been otherwise; nothing is changed")
        {
            data, database, tenant, program, from, to, share, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var now = TimeProvider.System.GetUtcNow();
            var until = parsed.GetValue(to) < now ? parsed.GetValue(to) : now;
            if (parsed.GetValue(from) >= until)
            {
                await error.WriteLineAsync("--from comes before --to");
                return ExitCodes.BadArguments;
            }

            try
            {
                var document = ProgramDocument.Parse(await File.ReadAllBytesAsync(parsed.GetValue(program)!.FullName, cancellation));
                var request = new WhatIfRequest(
                    parsed.GetValue(tenant)!, document, Math.Max(0, parsed.GetValue(from).ToUnixTimeMilliseconds()), until.ToUnixTimeMilliseconds(), parsed.GetValue(share));
                await using var opened = await ReadOnlyDatabase.OpenAsync(server.Data, server.Database, cancellation);
                var run = new WhatIfRun(opened.Journal, request);
                await run.RunAsync(cancellation);
                await PrintAsync(run.Report, output);
                if (parsed.GetValue(json) is { } file)
                    await File.WriteAllBytesAsync(file, WhatIfJson.Render(request, run.Report, isIndented: true), cancellation);
                return ExitCodes.Done;
            }
            catch (ProgramException e)
            {
                foreach (var fault in e.Faults)
                    await error.WriteLineAsync($"{fault.Field} {fault.Detail}");
                return ExitCodes.Failed;
            }
            catch (Exception e) when (e is JournalException or HistoryArchivedException or System.Text.Json.JsonException)
            {
                await error.WriteLineAsync(e.Message);
                return ExitCodes.Failed;
            }
        });
        return command;
    }

    private static Option<DateTimeOffset> Instant(string name, string description, DateTimeOffset otherwise) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (IsoTime.TryParse(Encoding.UTF8.GetBytes(result.Tokens[0].Value), out var instant))
                return instant;
            result.AddError($"{name} takes an instant such as 2026-01-31 or 2026-01-31T12:00:00Z");
            return otherwise;
        },
    };

    private static async Task PrintAsync(WhatIfReport report, TextWriter output)
    {
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{report.Customers:#,0} customers, {report.Entries:#,0} entries; for {report.Changed:#,0} customers something would be otherwise"));
        if (report.Failed > 0)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{report.Failed:#,0} customers could not be played under the candidate"));
        await WriteRowAsync(output, "", "as it was", "candidate");
        foreach (var (word, pair) in report.Outcomes.Where(o => o.Value.Differs))
            await WriteRowAsync(output, word, Number(pair.Current), Number(pair.Candidate));
        foreach (var (phase, pair) in report.Phases.Where(p => p.Value.Differs))
            await WriteRowAsync(output, "ends in phase " + phase, Number(pair.Current), Number(pair.Candidate));
    }

    private static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static Task WriteRowAsync(TextWriter output, string name, string current, string candidate) =>
        output.WriteLineAsync($"{name,-40}{current,16}{candidate,16}");
}
