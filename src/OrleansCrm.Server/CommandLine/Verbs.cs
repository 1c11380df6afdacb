using System.CommandLine;
using System.CommandLine.Invocation;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The command line: verbs, their options, and what the process says when it ends.</summary>
internal static class Verbs
{
    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>The exit code, as in <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, IConfiguration settings, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var parsed = Create(settings).Parse(WithVerb(arguments), new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
            return Refuse(error, parsed.Errors[0].Message, parsed.CommandResult.Command);

        // The action ends in its own time when it is cancelled: what it still has to store is worth waiting for.
        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellation);
        }
        catch (StartException e)
        {
            return Refuse(error, e.Message, parsed.CommandResult.Command);
        }
        catch (Exception e) when (e is JournalOpenException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine(e.Message);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            error.WriteLine("Stopped before it was done.");
            return ExitCodes.Failed;
        }
    }

    private static RootCommand Create(IConfiguration settings)
    {
        var root = new RootCommand("OrleansCrm, a real-time customer engagement engine. Without a verb: serve.")
        {
            ServeVerb.Create(settings),
            DemoVerb.Create(settings),
            ImportCommand.Create(settings),
            SimulateCommand.Create(),
            VerifyCommand.Create(settings),
            BackupCommand.Create(settings),
            BackupCommand.CreateRestore(settings),
            CompactCommand.Create(settings),
            DoctorCommand.Create(settings),
            TopCommand.Create(settings),
            HealthCommand.Create(),
            StorefrontCommand.Create(settings),
            FitCommand.Create(settings),
            WhatIfCommand.Create(settings),
            BacktestCommand.Create(settings),
            EvaluateOffersCommand.Create(settings),
            CapacityCommand.Create(),
            BenchCommand.Create(settings),
            BenchCommand.CreateLoad(),
        };
        root.SetAction(parsed => Refuse(parsed.InvocationConfiguration.Error, "A verb is missing.", root));
        return root;
    }

    // "No verb" means serve, whose options may follow at once.
    private static string[] WithVerb(string[] arguments) =>
        arguments.Length == 0 || (arguments[0].StartsWith('-') && arguments[0] is not ("--help" or "-h" or "-?" or "--version"))
            ? [ServeVerb.Name, .. arguments]
            : arguments;

    private static int Refuse(TextWriter error, string message, Command command)
    {
        var verb = command is RootCommand ? "" : command.Name + " ";
        error.WriteLine(string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        error.WriteLine($"See: {RootCommand.ExecutableName} {verb}--help");
        return ExitCodes.BadArguments;
    }
}
