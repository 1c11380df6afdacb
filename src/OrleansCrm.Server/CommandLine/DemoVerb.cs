using System.CommandLine;
using OrleansCrm.Server.Demo;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The verb <c>demo</c>: see <see cref="DemoRun"/>.</summary>
internal static class DemoVerb
{
    public static Command Create(IConfiguration settings)
    {
        var urls = CommonOptions.Urls();
        var command = new Command("demo", "Serve on a temporary directory, with a simulated storefront that sends events") { urls };
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = CommonOptions.Bind(settings, parsed, (urls, (o, v) => o.Urls = v));
            var run = new DemoRun(options, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return await run.RunAsync(cancellation);
        });
        return command;
    }
}
