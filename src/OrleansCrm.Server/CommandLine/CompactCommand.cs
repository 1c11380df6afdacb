using System.CommandLine;
using System.Globalization;
using OrleansCrm.Server.Archives;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>compact</c>.</summary>
internal static class CompactCommand
{
    private const double DaysMax = 36_525;

    public static Command Create(IConfiguration settings)
    {
        var to = new Argument<string>("TO") { Description = "Directory for the archive files; keep it, and copy it away as you do backups" };
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var keep = new Option<double>("--keep")
        {
            Description = "Days that entries stay in the journal",
            HelpName = "DAYS",
            DefaultValueFactory = _ => new CompactOptions().Keep.TotalDays,
        };
        keep.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= DaysMax))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--keep takes 0 to {DaysMax:#,0} days"));
        });
        var command = new Command("compact", "Move old entries to archive files, while no server runs") { to, data, database, keep };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            if (server.FindFault() is { } fault)
                throw new StartException(fault);
            var options = new CompactOptions
            {
                Data = server.Data, Database = server.Database, To = parsed.GetValue(to)!, Keep = TimeSpan.FromDays(parsed.GetValue(keep)),
            };
            return CompactVerb.RunAsync(
                options, TimeProvider.System, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }
}
