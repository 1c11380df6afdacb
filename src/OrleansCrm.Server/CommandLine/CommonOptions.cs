using System.CommandLine;
using OrleansCrm.Journal.Postgres;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>Options that several verbs share. What the command line does not say, the settings do.</summary>
internal static class CommonOptions
{
    public static Option<string?> Data() => new("--data") { Description = "Directory of the database (default ./data)", HelpName = "DIR" };

    public static Option<string?> Database() =>
        new("--database") { Description = "Connection string of a PostgreSQL database in place of --data", HelpName = "CONNECTION" };

    /// <summary>A password on the command line is open to every user of the machine, and stays in the history of the shell.</summary>
    public static void WarnOfPassword(ParseResult parsed, Option<string?> database)
    {
        if (parsed.GetValue(database) is { } connection && PostgresJournal.IsConnectionString(connection) && PostgresJournal.HasPassword(connection))
        {
            parsed.InvocationConfiguration.Error.WriteLine(
                "warning: every user of this machine can read the password in --database; use ORLEANSCRM_DATABASE, PGPASSWORD or a password file");
        }
    }

    public static Option<string> Tenant() =>
        new("--tenant") { Description = "Whose customers", DefaultValueFactory = _ => FirstRun.Tenant, HelpName = "TENANT" };

    public static Option<string?> Urls() =>
        new("--urls") { Description = $"Addresses to listen on, separated by semicolons (default {ServerOptions.UrlsDefault})", HelpName = "URLS" };

    public static Option<string?> BehindProxy() => new("--behind-proxy")
    {
        Description = "Address or network of the proxy in front that speaks TLS; allows to listen on other addresses than loopback",
        HelpName = "ADDRESS",
    };

    public static Option<string?> AllowedHosts() =>
        new("--allowed-hosts") { Description = "Host names that requests may name, separated by semicolons", HelpName = "HOSTS" };

    public static Option<bool> WithoutLimits() => new("--without-limits") { Description = "Do not count how fast keys and customers send" };

    public static Option<bool> WithoutTrackingPlan() =>
        new("--without-tracking-plan") { Description = "Take events without holding them against the tracking plan of their tenant" };

    /// <summary>Where another server is.</summary>
    public static Option<Uri?> Url(string description) => new("--url")
    {
        Description = description,
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url))
                return url;
            result.AddError($"--url takes an address such as {ServerOptions.UrlsDefault}");
            return null;
        },
    };

    /// <summary>The settings, with the given options laid over them.</summary>
    /// <exception cref="StartException">A setting has a value that its type cannot take.</exception>
    public static ServerOptions Bind(IConfiguration settings, ParseResult parsed, params (Option<string?> Option, Action<ServerOptions, string> Set)[] given)
    {
        var options = new ServerOptions();
        try
        {
            settings.Bind(options);
        }
        catch (InvalidOperationException e)
        {
            throw new StartException(e.Message);
        }

        foreach (var (option, set) in given)
        {
            if (parsed.GetValue(option) is { } value)
                set(options, value);
        }

        return options;
    }
}
