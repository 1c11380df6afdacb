using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Hosting;

using var signals = new ShutdownSignals(TimeProvider.System);
try
{
    var settings = Settings.Read(Environment.GetEnvironmentVariables(), Directory.GetCurrentDirectory());
    return await Verbs.RunAsync(args, settings, Console.Out, Console.Error, signals.Token);
}
catch (StartException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.BadArguments;
}
