using System.Collections;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.CommandLine;

/// <summary>
/// What is set outside the command line: <c>ORLEANSCRM_*</c> variables, then the section <c>OrleansCrm</c> of <c>appsettings.json</c> in the
/// directory where the user stands.
/// </summary>
/// <remarks>
/// <c>ORLEANSCRM_BEHIND_PROXY</c> is the setting BehindProxy, and two underscores go a level down: <c>ORLEANSCRM_SIGN_IN__FAILURES_MAX</c> is
/// SignIn:FailuresMax. A name that ends in <c>_FILE</c> names a file with the value, as containers get their secrets.
/// </remarks>
internal static class Settings
{
    private const string Prefix = "ORLEANSCRM_";
    private const string FileSuffix = "_FILE";
    private const string Section = "OrleansCrm";

    /// <exception cref="StartException">The file is no JSON, or a file with a value cannot be read.</exception>
    public static IConfiguration Read(IDictionary variables, string directory)
    {
        IConfiguration file;
        try
        {
            file = new ConfigurationBuilder().SetBasePath(directory).AddJsonFile("appsettings.json", optional: true).Build();
        }
        catch (InvalidDataException)
        {
            throw new StartException($"{Path.Combine(directory, "appsettings.json")} is no JSON file");
        }

        return new ConfigurationBuilder()
            .AddConfiguration(file.GetSection(Section))
            .AddInMemoryCollection(FromVariables(variables))
            .Build();
    }

    private static IEnumerable<KeyValuePair<string, string?>> FromVariables(IDictionary variables)
    {
        foreach (DictionaryEntry variable in variables)
        {
            var name = (string)variable.Key;
            var value = (string?)variable.Value;
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || string.IsNullOrEmpty(value))
                continue;
            if (name.EndsWith(FileSuffix, StringComparison.Ordinal))
                (name, value) = (name[..^FileSuffix.Length], ReadValue(name, value));
            yield return KeyValuePair.Create(name[Prefix.Length..].Replace("__", ":").Replace("_", ""), (string?)value);
        }
    }

    private static string ReadValue(string name, string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{name}: {e.Message}");
        }
    }
}
