using System.Diagnostics;
using OrleansCrm.Breaking.Tests.Dangers;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Breaking.Tests;

/// <summary>A database of its own and what can happen to it.</summary>
internal abstract class Stage : IAsyncDisposable
{
    /// <summary>The directory that a server is given.</summary>
    public abstract string Data { get; }

    /// <summary>What of the database would have to be looked at when something is wrong.</summary>
    public abstract string Remains { get; }

    /// <summary>The options that name the database.</summary>
    protected abstract string[] Arguments { get; }

    /// <summary>Dangers for the next kills, in any order; the rest of the kills have none.</summary>
    public abstract Danger[] DrawDangers(Random random);

    public ServerProcess BeginServer() => ServerProcess.Begin(ServerProcess.FreePort(), Arguments);

    /// <summary>Runs <c>verify</c>, beside a server or without one.</summary>
    /// <returns>Null when everything is equal, else what it said.</returns>
    public async Task<string?> VerifyAsync()
    {
        var (code, said) = await RunAsync(["verify", .. Arguments]);
        return code == 0 && said.TrimEnd().EndsWith("\nequal", StringComparison.Ordinal) ? null : said;
    }

    /// <summary>Takes a backup beside the server and restores it elsewhere, which verifies it.</summary>
    /// <returns>Null when everything is equal, else what was said.</returns>
    public async Task<string?> RestoreElsewhereAsync()
    {
        var directory = Directory.CreateTempSubdirectory("orleanscrm-backup-");
        try
        {
            var backup = Path.Combine(directory.FullName, "backup");
            var (code, said) = await RunAsync(["backup", backup, .. Arguments]);
            if (code == 0)
                (code, said) = await RunAsync(["restore", backup, .. await ElsewhereAsync(Path.Combine(directory.FullName, "data"))]);
            return code == 0 && said.TrimEnd().EndsWith("\nequal", StringComparison.Ordinal) ? null : said;
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The options that name an empty place.</summary>
    /// <param name="data">A directory that is not there yet.</param>
    protected abstract Task<string[]> ElsewhereAsync(string data);

    private static async Task<(int Code, string Said)> RunAsync(string[] arguments)
    {
        using var process = Process.Start(ServerProcess.StartInfo(arguments))!;
        var said = await Task.WhenAll(process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(said));
    }

    /// <summary>Leaves what there is for somebody to look at.</summary>
    public abstract void Keep();

    public abstract ValueTask DisposeAsync();
}
