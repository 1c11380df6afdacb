using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>The built program as a process of its own, to be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int SigKill = 9;
    private const int SigTerm = 15;
    private const int SigContinue = 18;
    private const int SigStop = 19;
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    // Systems give out ports from 32768 on to whoever asks for any: one below is still free when a server comes back to it.
    private const int PortFrom = 20_000;
    private const int PortEnd = 32_000;
    private static int _lastPort = Random.Shared.Next(PortFrom, PortEnd);

    private readonly Process _process;
    private readonly List<string> _errors = [];

    private ServerProcess(Process process, string address)
    {
        _process = process;
        Address = address;
        Http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Address { get; }

    public HttpClient Http { get; }

    /// <summary>What it has written to its error stream.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return string.Join('\n', _errors);
        }
    }

    /// <summary>A port that was free a moment ago, and that nobody else is given.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = PortFrom + Interlocked.Increment(ref _lastPort) % (PortEnd - PortFrom);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }

    /// <summary>Starts <c>serve</c> with the keys of <see cref="TestKeys"/> and waits until it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(string data, int port)
    {
        var server = Begin(port, "--data", data);
        await server.WhenReadyAsync();
        return server;
    }

    /// <summary>Begins to <c>serve</c> with the keys of <see cref="TestKeys"/>.</summary>
    public static ServerProcess Begin(int port, params string[] arguments) => Begin(port, [], arguments);

    /// <summary>The same with settings of the environment besides the keys.</summary>
    public static ServerProcess Begin(int port, Dictionary<string, string> settings, params string[] arguments)
    {
        var address = $"http://127.0.0.1:{port}";
        var start = StartInfo(["serve", "--urls", address, .. arguments]);
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start)!, address);
        server._process.OutputDataReceived += (_, _) => { };
        server._process.ErrorDataReceived += (_, line) => server.NoteError(line.Data);
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
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
        // Whoever is killed leaves the pipes of its diagnostics behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["ORLEANSCRM_WRITE_KEY"] = TestKeys.WriteKey;
        start.Environment["ORLEANSCRM_API_KEY"] = TestKeys.ApiKey;
        start.Environment["ORLEANSCRM_ADMIN_EMAIL"] = TestKeys.AdminEmail;
        start.Environment["ORLEANSCRM_ADMIN_PASSWORD"] = TestKeys.AdminPassword;
        return start;
    }

    public async Task WhenReadyAsync()
    {
        var started = Stopwatch.StartNew();
        while (!await IsReadyAsync())
        {
            Assert.False(_process.HasExited, "The server ended: " + Errors);
            Assert.True(started.Elapsed < ReadyTimeout, "The server is not ready: " + Errors);
            await Task.Delay(Look);
        }
    }

    /// <summary>What <c>/health/ready</c> says; false when nobody answers.</summary>
    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await Http.GetAsync("/health/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ends it at once, as a power cut would.</summary>
    public async Task KillAsync()
    {
        Signal(SigKill);
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to stop.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync()
    {
        Signal(SigTerm);
        return WhenEndedAsync();
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WhenEndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(ReadyTimeout);
        return _process.ExitCode;
    }

    /// <summary>Lets it stand still in the midst of what it does.</summary>
    public void Pause() => Signal(SigStop);

    /// <summary>Lets it go on as if no time had passed.</summary>
    public void Resume() => Signal(SigContinue);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void Signal(int signal) => Assert.Equal(0, SendSignal(_process.Id, signal));

    private void NoteError(string? line)
    {
        lock (_errors)
        {
            if (line is not null && _errors.Count < 1_000)
                _errors.Add(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
