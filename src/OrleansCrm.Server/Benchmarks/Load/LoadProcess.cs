using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>The load generator as a process of its own, on the same machine. It ends when this process does, even a killed one.</summary>
internal sealed class LoadProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private LoadProcess(Process process) => _process = process;

    public static LoadProcess Start()
    {
        var start = new ProcessStartInfo
        {
            FileName = Environment.ProcessPath!,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll"));
        start.ArgumentList.Add(LoadVerb.Name);

        // It hardly allocates; a heap per core would only take memory and threads from what is measured.
        start.Environment["DOTNET_gcServer"] = "0";
        return new LoadProcess(Process.Start(start)!);
    }

    /// <exception cref="BenchException">The load could not be made.</exception>
    public async Task<LoadReport> RunAsync(LoadSpec spec, CancellationToken cancellation)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(spec).AsMemory(), cancellation);
        await _process.StandardInput.FlushAsync(cancellation);
        var answer = await _process.StandardOutput.ReadLineAsync(cancellation);
        if (answer is null || answer.StartsWith('!'))
            throw new BenchException("The load generator could not go on: " + (answer is null ? "its process has ended" : answer[1..]));
        var report = JsonSerializer.Deserialize<LoadReport>(answer)!;
        return report.Failed > 0 ? throw new BenchException($"{report.Failed} requests were not answered as they should be.") : report;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}

/// <summary>The benchmark cannot go on; the message is for the person who runs it.</summary>
internal sealed class BenchException(string message) : Exception(message);
