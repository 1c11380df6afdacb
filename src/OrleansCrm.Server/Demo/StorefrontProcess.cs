using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace OrleansCrm.Server.Demo;

/// <summary>The verb <c>storefront</c> of this program as a process of its own. It ends when this process does, even a killed one.</summary>
internal sealed class StorefrontProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private StorefrontProcess(Process process)
    {
        _process = process;
        Ended = process.WaitForExitAsync();
    }

    public int Id => _process.Id;

    public Task Ended { get; }

    public static StorefrontProcess Start(string url, string writeKey, TextWriter error)
    {
        var start = new ProcessStartInfo { FileName = Environment.ProcessPath!, UseShellExecute = false, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll"));
        foreach (var argument in (string[])["storefront", "--url", url, "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);

        // Not on the command line, where every user of the machine could read it.
        start.Environment["ORLEANSCRM_WRITE_KEY"] = writeKey;
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                error.WriteLine("storefront: " + text);
        };
        process.BeginErrorReadLine();
        return new StorefrontProcess(process);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Ctrl+C has reached it too; give it the time to stop by itself.
            await Ended.WaitAsync(StopTimeout / 10);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await Ended.WaitAsync(StopTimeout);
        }

        _process.Dispose();
    }
}
