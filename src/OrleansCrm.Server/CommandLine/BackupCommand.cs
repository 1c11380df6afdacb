using System.CommandLine;
using OrleansCrm.Server.Backups;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verbs <c>backup</c> and <c>restore</c>.</summary>
internal static class BackupCommand
{
    public static Command Create(IConfiguration settings)
    {
        var to = new Argument<string>("TO") { Description = "Directory for the backup, made or empty; with --only-erasures a file" };
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var only = new Option<bool>("--only-erasures")
        {
            Description = "Write who was erased, as hashes that name nobody: small enough to be copied away every minute, for a restore to erase them again",
        };
        var command = new Command("backup", "Copy the database as of one instant, beside a running server") { to, data, database, only };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = Bind(settings, parsed, data, database);
            var request = new BackupRequest(server.Data, server.Database, parsed.GetValue(to)!, parsed.GetValue(only));
            return BackupVerb.RunAsync(request, TimeProvider.System, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    public static Command CreateRestore(IConfiguration settings)
    {
        var from = new Argument<string>("FROM") { Description = "Directory of the backup" };
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var erasures = new Option<string?>("--erasures")
        {
            Description = "Who was erased since: a file of backup --only-erasures, a newer backup, or the old data directory (default: the backup's own list)",
            HelpName = "SOURCE",
        };
        var command = new Command("restore", "Put a backup into an empty place, erase again who was erased since, and verify") { from, data, database, erasures };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = Bind(settings, parsed, data, database);
            return RestoreVerb.RunAsync(
                parsed.GetValue(from)!, parsed.GetValue(erasures), server, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }

    private static ServerOptions Bind(IConfiguration settings, ParseResult parsed, Option<string?> data, Option<string?> database)
    {
        var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
        return server.FindFault() is { } fault ? throw new StartException(fault) : server;
    }
}
