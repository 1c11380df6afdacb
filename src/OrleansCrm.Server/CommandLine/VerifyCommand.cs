using System.CommandLine;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>verify</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var database = CommonOptions.Database();
        var archive = new Option<string?>("--archive") { Description = "Fold the archived entries in this directory too", HelpName = "DIR" };
        var command = new Command("verify", "Fold the journal again and compare with what is stored, beside a running server too") { data, database, archive };
        command.SetAction((parsed, cancellation) =>
        {
            CommonOptions.WarnOfPassword(parsed, database);
            var server = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v), (database, (o, v) => o.Database = v));
            return VerifyVerb.RunAsync(
                new VerifyOptions { Data = server.Data, Database = server.Database, Archive = parsed.GetValue(archive) },
                parsed.InvocationConfiguration.Output,
                parsed.InvocationConfiguration.Error,
                cancellation);
        });
        return command;
    }
}
