using System.CommandLine;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Storefront;

namespace OrleansCrm.Server.CommandLine;

/// <summary>The options of the verb <c>storefront</c>.</summary>
internal static class StorefrontCommand
{
    public static Command Create(IConfiguration settings)
    {
        var url = CommonOptions.Url($"Where the server listens (default {ServerOptions.UrlsDefault})");
        var writeKey = new Option<string?>("--write-key") { Description = "Write key (better as ORLEANSCRM_WRITE_KEY)", HelpName = "KEY" };
        var rate = new Option<double?>("--rate") { Description = "Visits a second", HelpName = "N" };
        var parent = new Option<int?>("--parent") { Description = "End when this process has ended", HelpName = "PID", Hidden = true };
        var command = new Command("storefront", "Send the events of a simulated shop to a server") { url, writeKey, rate, parent };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new StorefrontOptions
            {
                Url = parsed.GetValue(url) ?? new Uri(ServerOptions.UrlsDefault),
                WriteKey = parsed.GetValue(writeKey) ?? settings["WriteKey"] ?? "",
                ParentProcess = parsed.GetValue(parent),
            };
            if (parsed.GetValue(rate) is { } visits)
                options = options with { Rate = visits };
            return StorefrontVerb.RunAsync(options, TimeProvider.System, parsed.InvocationConfiguration.Error, cancellation);
        });
        return command;
    }
}
