using System.CommandLine;
using OrleansCrm.Server.Operations;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>doctor</c>: those of <c>serve</c> that name places.</summary>
internal static class DoctorCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var urls = CommonOptions.Urls();
        var proxy = CommonOptions.BehindProxy();
        var command = new Command("doctor", "Check configuration, machine, clock, disk, permissions, database and server; say what to do") { data, database, urls, proxy };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var options = CommonOptions.Bind(
                settings,
                parsed,
                (data, (o, v) => o.Data = v),
                (database, (o, v) => o.Database = v),
                (urls, (o, v) => o.Urls = v),
                (proxy, (o, v) => o.BehindProxy = v));
            return new Doctor(options, settings, TimeProvider.System).RunAsync(parsed.InvocationConfiguration.Output, cancellation);
        });
        return command;
    }
}
