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
        using var verify = Process.Start(ServerProcess.StartInfo(["verify", .. Arguments]))!;
        var said = await Task.WhenAll(verify.StandardOutput.ReadToEndAsync(), verify.StandardError.ReadToEndAsync());
        await verify.WaitForExitAsync();
        return verify.ExitCode == 0 && said[0].TrimEnd().EndsWith("\nequal", StringComparison.Ordinal) ? null : string.Concat(said);
    }

    /// <summary>Leaves what there is for somebody to look at.</summary>
    public abstract void Keep();

    public abstract ValueTask DisposeAsync();
}
