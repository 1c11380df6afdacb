using System.Diagnostics;
using OrleansCrm.Server.Tests.Alerts;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>A script of the tests that runs to its end in a process of its own.</summary>
internal static class NodeScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <returns>What it wrote. The test fails with what it complained of where it failed.</returns>
    /// <exception cref="TimeoutException">It did not end in time and was ended.</exception>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(NodeFactAttribute.Folder, script), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var (said, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == 0, await errors);
        return await said;
    }
}
