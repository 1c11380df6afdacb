using System.Diagnostics;

namespace OrleansCrm.TestSupport;

/// <summary>
/// A PostgreSQL server of its own: in a temporary directory, reached through a socket there, so that no port is taken and nobody else gets in.
/// It can be killed and started again, and is gone when it is disposed. It refuses to run as root, so root lends it another user.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(5);

    // Its output goes to a file: a pipe that nobody reads would stop it one day.
    private const string Once = "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null";

    // The same, and it ends with the process that started it, even one that was killed: that closes the pipe which is read here.
    private const string Watched =
        """
        log=$1; shift; exec 3<&0
        "$@" >>"$log" 2>&1 </dev/null 3<&- & server=$!
        (cat <&3 >/dev/null; kill -QUIT $server) & watcher=$!
        exec 3<&-; wait $server; code=$?; kill $watcher; exit $code
        """;

    private readonly string _binaries;
    private readonly string _root;
    private readonly string? _user;
    private int _databases;
    private Process? _process;

    private PostgresServer(string binaries, string root, string? user)
    {
        _binaries = binaries;
        _root = root;
        _user = user;
    }

    private string Data => Path.Combine(_root, "data");

    private string LogFile => Path.Combine(_root, "log");

    /// <exception cref="InvalidOperationException">No server is installed; tests that need one are skipped before.</exception>
    public static async Task<PostgresServer> StartAsync()
    {
        var postgres = NeedsFactAttribute.Find("postgres") ?? throw new InvalidOperationException("PostgreSQL is not installed.");

        // The path of a socket has room for about a hundred characters.
        var root = Directory.CreateTempSubdirectory("crm-pg-").FullName;
        var user = Environment.UserName != "root" ? null : HasUser("postgres") ? "postgres" : "nobody";
        var server = new PostgresServer(Path.GetDirectoryName(postgres)!, root, user);
        try
        {
            if (user is not null)
                await RunAsync("chown", [user, root]);
            await server.RunAsUserAsync("initdb", "-D", server.Data, "-U", "crm", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connection string of a database; databases are made by <see cref="CreateDatabaseAsync"/>.</summary>
    public string ConnectionTo(string database) => $"Host={_root};Port=5432;Username=crm;Database={database}";

    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync(string? encoding = null)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        var made = new List<string> { "-h", _root, "-U", "crm" };
        if (encoding is not null)
            made.AddRange(["-E", encoding, "-T", "template0"]);
        await RunAsync(Path.Combine(_binaries, "createdb"), [.. made, name]);
        return ConnectionTo(name);
    }

    /// <summary>As a power cut would: all of its processes at once.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Ends every session and stops as an administrator would, at once.</summary>
    /// <param name="mode"><c>fast</c>, or <c>immediate</c>: without writing down what it has in memory.</param>
    public async Task StopAsync(string mode = "fast")
    {
        await RunAsUserAsync("pg_ctl", "stop", "-D", Data, "-m", mode, "-w");
        await _process!.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Starts it on what is there, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            if (_process is null or { HasExited: true })
            {
                _process?.Dispose();
                var start = AsUser(Watched, "postgres", "-D", Data, "-k", _root, "-h", "");
                start.RedirectStandardInput = true;
                _process = Process.Start(start)!;
            }

            if (await TryRunAsync(new ProcessStartInfo(Path.Combine(_binaries, "pg_isready")) { ArgumentList = { "-h", _root, "-t", "1" } }) == 0)
                return;
            if (Stopwatch.GetElapsedTime(begun) > StartDeadline)
                throw new TimeoutException("PostgreSQL did not start: " + (File.Exists(LogFile) ? await File.ReadAllTextAsync(LogFile) : "no log"));
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        Directory.Delete(_root, recursive: true);
    }

    private static bool HasUser(string user) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(user + ":", StringComparison.Ordinal));

    private Task RunAsUserAsync(string program, params string[] arguments) => RunAsync(AsUser(Once, program, arguments));

    private ProcessStartInfo AsUser(string script, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/" };
        string[] command = [Path.Combine(_binaries, program), .. arguments];
        if (_user is not null)
            command = ["setpriv", $"--reuid={_user}", $"--regid={_user}", "--clear-groups", .. command];
        foreach (var argument in (string[])["-c", script, "sh", LogFile, .. command])
            start.ArgumentList.Add(argument);
        return start;
    }

    private static Task RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return RunAsync(start);
    }

    private static async Task RunAsync(ProcessStartInfo start)
    {
        var code = await TryRunAsync(start);
        if (code != 0)
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {code}.");
    }

    private static async Task<int> TryRunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
