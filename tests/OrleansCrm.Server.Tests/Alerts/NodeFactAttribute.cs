using System.Diagnostics;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Alerts;

/// <summary>A test that speaks through a JavaScript client. Where that cannot be installed the test is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Problem = new(Install);

    /// <param name="programs">What it needs besides, as in <see cref="NeedsFactAttribute"/>.</param>
    public NodeFactAttribute(params string[] programs) => Skip = Array.Find(programs, p => NeedsFactAttribute.Find(p) is null) is { } missing
        ? NeedsFactAttribute.Without(missing)
        : Problem.Value;

    /// <summary>Where the script and its packages are.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Node");

    private static string? Install()
    {
        if (NeedsFactAttribute.Find("node") is null || NeedsFactAttribute.Find("npm") is null)
            return "Needs node and npm, which are not installed.";

        // npm notes there what it has installed.
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
            return null;
        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = npm.StandardError.ReadToEndAsync();
        npm.OutputDataReceived += (_, _) => { };
        npm.BeginOutputReadLine();
        npm.WaitForExit();
        return npm.ExitCode == 0 ? null : "Needs the JavaScript clients, which npm could not install: " + errors.Result.Split('\n').FirstOrDefault(l => l.Contains("npm error"));
    }
}
