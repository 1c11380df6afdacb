using System.Diagnostics;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>A browser without a screen that looks at one page until it is disposed.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly string _profile = Directory.CreateTempSubdirectory("orleanscrm-chromium-").FullName;
    private readonly Process _process;

    public Chromium(string url)
    {
        // Its own sandbox needs what containers do not give; the pages are ours. It is to fetch nothing but the page.
        _process = Process.Start(new ProcessStartInfo(
            NeedsFactAttribute.Find("chromium")!,
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + _profile, url,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // Killed, it leaves there what it would have removed.
            Environment = { ["TMPDIR"] = _profile },
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();

        // Its helpers end a moment later and may still write.
        for (var attempt = 0; Directory.Exists(_profile); attempt++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
            }
            catch (IOException) when (attempt < 50)
            {
                await Task.Delay(100);
            }
        }
    }
}
