using System.CommandLine;
using System.Text.Json;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Models;
using OrleansCrm.Server.Programs;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>fit</c>: fits a purchase model to the customers of a database, and publishes it when asked to.</summary>
internal static class FitCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var tenant = CommonOptions.Tenant();
        var model = new Option<string>("--model") { Description = "The purchase model", DefaultValueFactory = _ => FitRequest.Default.Model };
        model.AcceptOnlyFromAmong(FitRequest.Models);
        var plain = new Option<bool>("--without-calibration") { Description = "Leave the model's risk as it is, right or wrong as a probability" };
        var bySegment = new Option<bool?>("--by-segment") { Description = "Give segments parameters of their own where they are large enough and differ; by default if the program has some" };
        var segmentCustomers = new Option<int>("--segment-customers")
        {
            Description = FormattableString.Invariant($"Customers that takes, {FitRequest.SegmentCustomersLeast} to {FitRequest.SegmentCustomersMost}, with half as many repeat purchases"),
            HelpName = "N",
            DefaultValueFactory = _ => FitRequest.Default.SegmentCustomersMin,
        };
        segmentCustomers.Validators.Add(result =>
        {
            if (result.GetValue(segmentCustomers) is < FitRequest.SegmentCustomersLeast or > FitRequest.SegmentCustomersMost)
                result.AddError(FormattableString.Invariant($"--segment-customers takes {FitRequest.SegmentCustomersLeast} to {FitRequest.SegmentCustomersMost}."));
        });
        var publish = new Option<bool>("--publish") { Description = "Publish it as the next version of the program; no server may own the database then" };
        var json = new Option<string?>("--json") { Description = "File for the results", HelpName = "FILE" };
        var svg = new Option<string?>("--svg") { Description = "File for the plots", HelpName = "FILE" };
        var command = new Command("fit", "Fit the purchase model to the customers of a database, beside a running server too")
        {
            data, database, tenant, model, plain, bySegment, segmentCustomers, publish, json, svg,
        };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            var options = new FitOptions(
                parsed.GetValue(tenant)!,
                new FitRequest(parsed.GetValue(model)!, !parsed.GetValue(plain), parsed.GetValue(bySegment))
                {
                    SegmentCustomersMin = parsed.GetValue(segmentCustomers),
                },
                parsed.GetValue(publish),
                parsed.GetValue(json),
                parsed.GetValue(svg));
            return RunAsync(options, server, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    /// <returns>Exit code: 0 done, 1 there is too little to fit to, or the result must not be published, or the database cannot be had.</returns>
    internal static async Task<int> RunAsync(
        FitOptions options, ServerOptions server, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        FitOutcome outcome;
        try
        {
            outcome = options.Publish ? await PublishAsync(options, server, cancellation) : await FitAsync(options, server, cancellation);
        }
        catch (JournalException e)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }

        if (outcome.Fit is not { } fit)
        {
            await error.WriteLineAsync(ModelFitting.DetailOf(outcome.Refusal!));
            return ExitCodes.Failed;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 140;
        FitReport.Print(fit, outcome.Published, console);
        if (options.Svg is { } svg)
            await File.WriteAllTextAsync(svg, FitPlot.Draw(fit), cancellation);
        if (options.Json is { } json)
        {
            await using var file = File.Create(json);
            await using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
            FitReport.Write(writer, fit, outcome.Published);
        }

        if (outcome.Refusal is null)
            return ExitCodes.Done;
        await error.WriteLineAsync(ModelFitting.DetailOf(outcome.Refusal));
        return ExitCodes.Failed;
    }

    private static async Task<FitOutcome> FitAsync(FitOptions options, ServerOptions server, CancellationToken cancellation)
    {
        await using var database = await ReadOnlyDatabase.OpenAsync(server.Data, server.Database, cancellation);
        var program = await ProgramLedger.CurrentOfAsync(database.Journal, options.Tenant, cancellation);
        var fit = await ModelFitter.RunAsync(database.Journal, program, options.Request, TimeProvider.System, cancellation);
        return new FitOutcome(fit, fit is null ? ModelFitting.TooLittle : null, null);
    }

    private static async Task<FitOutcome> PublishAsync(FitOptions options, ServerOptions server, CancellationToken cancellation)
    {
        await using var engine = await EngineHost.StartAsync(server, listen: false, cancellation);
        await engine.WhenReadyAsync(cancellation);
        return await engine.Services.GetRequiredService<ModelFitting>().FitAsync(options.Tenant, options.Request, publish: true, cancellation);
    }
}

/// <summary>What the verb <c>fit</c> was asked to do.</summary>
/// <param name="Json">File for the results; null for none.</param>
/// <param name="Svg">File for the plots; null for none.</param>
internal sealed record FitOptions(string Tenant, FitRequest Request, bool Publish, string? Json, string? Svg);
