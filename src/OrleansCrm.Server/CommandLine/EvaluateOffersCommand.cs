using System.CommandLine;
using OrleansCrm.Engagement.Evaluation;
using OrleansCrm.Journal;
using OrleansCrm.Server.Evaluation;
using OrleansCrm.Server.Hosting;
using Spectre.Console;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>evaluate-offers</c>: what another way to choose offers would have brought, out of the journal.</summary>
internal static class EvaluateOffersCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var tenant = CommonOptions.Tenant();
        var policies = new Option<string[]>("--policy")
        {
            Description = "logged, uniform, greedy, always:OFFER, or a JSON file of shares {\"any\":{\"OFFER\":0.7,...}}, by kind of customer: "
                + string.Join(", ", OfferPolicy.Kinds) + "; may be repeated",
            HelpName = "POLICY",
            DefaultValueFactory = _ => ["uniform", "greedy"],
        };
        var json = new Option<string?>("--json") { Description = "File for the results", HelpName = "FILE" };
        var command = new Command("evaluate-offers", "Tell what another way to choose offers would have brought, from the decisions in the journal, beside a running server too")
        {
            data, database, tenant, policies, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            return RunAsync(
                server, parsed.GetValue(tenant)!, parsed.GetValue(policies)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    /// <returns>Exit code: 0 done, 1 there are no decisions that show offers, or the database cannot be read, 2 a policy is none.</returns>
    internal static async Task<int> RunAsync(
        ServerOptions server, string tenant, string[] names, string? json, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var policies = new List<(string Name, OfferPolicy Policy)>();
        try
        {
            foreach (var name in names)
                policies.Add((name, OfferPolicy.Find(name) ?? OfferPolicy.Parse(await File.ReadAllTextAsync(name, cancellation))));
        }
        catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync("--policy: " + e.Message);
            return ExitCodes.BadArguments;
        }

        try
        {
            var decisions = await OfferEvaluation.ReadAsync(server, tenant, cancellation);
            if (decisions.Length == 0)
            {
                await error.WriteLineAsync($"There is no decision of tenant '{tenant}' that shows an offer.");
                return ExitCodes.Failed;
            }

            var values = policies.Select(p => (p.Name, OffPolicy.Evaluate(decisions, p.Policy))).ToArray();
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
            console.Profile.Width = 140;
            OfferEvaluation.Print(values, console);
            if (json is not null)
            {
                await using var file = File.Create(json);
                OfferEvaluation.Write(values, file);
            }

            return ExitCodes.Done;
        }
        catch (JournalException e)
        {
            await error.WriteLineAsync(e.Message);
            return ExitCodes.Failed;
        }
    }
}
