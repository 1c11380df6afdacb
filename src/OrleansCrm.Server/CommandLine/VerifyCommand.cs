using System.CommandLine;
using OrleansCrm.Server.Verification;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>verify</c>.</summary>
internal static class VerifyCommand
{
    public static Command Create(IConfiguration settings)
    {
        var data = CommonOptions.Data();
        var command = new Command("verify", "Fold the journal again and compare with what is stored, beside a running server too") { data };
        command.SetAction((parsed, cancellation) => VerifyVerb.RunAsync(
            new VerifyOptions { Data = CommonOptions.Bind(settings, parsed, (data, (o, v) => o.Data = v)).Data },
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellation));
        return command;
    }
}
