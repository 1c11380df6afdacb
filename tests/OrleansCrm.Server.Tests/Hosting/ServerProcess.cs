using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>The built program as a process of its own, to be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly List<string> _errors = [];

    private ServerProcess(Process process, string address)
    {
        _process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
    }

    public string Address { get; }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts <c>serve</c> with the keys of <see cref="TestServer"/> and waits until it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(string data, int port)
    {
        var start = StartInfo("serve", "--data", data, "--urls", $"http://127.0.0.1:{port}");
        var server = new ServerProcess(Process.Start(start)!, $"http://127.0.0.1:{port}");
        server._process.OutputDataReceived += (_, _) => { };
        server._process.ErrorDataReceived += (_, line) => server.NoteError(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        await server.WhenReadyAsync();
        return server;
    }

    /// <summary>How to run the program with these arguments.</summary>
    public static ProcessStartInfo StartInfo(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "OrleansCrm.Server.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ORLEANSCRM_WRITE_KEY"] = TestServer.WriteKey;
        start.Environment["ORLEANSCRM_API_KEY"] = TestServer.ApiKey;
        start.Environment["ORLEANSCRM_ADMIN_EMAIL"] = TestServer.AdminEmail;
        start.Environment["ORLEANSCRM_ADMIN_PASSWORD"] = TestServer.AdminPassword;
        return start;
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync()
    {
        Assert.Equal(0, SendSignal(_process.Id, SigTerm));
        await _process.WaitForExitAsync().WaitAsync(ReadyTimeout);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private async Task WhenReadyAsync()
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(_process.HasExited, "The server ended: " + Errors());
            Assert.True(started.Elapsed < ReadyTimeout, "The server is not ready: " + Errors());
            try
            {
                using var answer = await Http.GetAsync("/health/ready");
                if (answer.StatusCode == HttpStatusCode.OK)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
                await Task.Delay(20);
            }
        }
    }

    private void NoteError(string? line)
    {
        lock (_errors)
        {
            if (line is not null && _errors.Count < 1_000)
                _errors.Add(line);
        }
    }

    private string Errors()
    {
        lock (_errors)
            return string.Join('\n', _errors);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
