using System.Diagnostics;
using System.Globalization;

namespace OrleansCrm.Simulation.Tests;

/// <summary>
/// Runs seeds in a process of their own, whose thread pool has one thread: only so is the order in which grains take their turns the
/// same each time.
/// </summary>
internal static class SeedProcess
{
    public const int NothingFound = 0;

    public const int Found = 3;

    /// <param name="seconds">After which no further seed is begun.</param>
    /// <returns>Exit code and what was said.</returns>
    public static async Task<(int Code, string Said)> RunAsync(int first, int seeds, int seconds, string fault = "None")
    {
        // The test host runs under the dotnet command or, in some runners, under a host of its own.
        var self = Environment.ProcessPath ?? "";
        var dotnet = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true };
        string[] arguments = [typeof(SeedProcess).Assembly.Location, Text(first), Text(seeds), Text(seconds), fault];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_PROCESSOR_COUNT"] = "1";
        start.Environment["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "1";
        start.Environment["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "1";
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds + 120));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return (-1, await said + "\nThe last seed came to no end.");
        }

        return (process.ExitCode, await said);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
