using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using OrleansCrm.Server.Tests.Alerts;

namespace OrleansCrm.Server.Tests.Pages;

/// <summary>The console in one real browser, on the screens of several agents.</summary>
internal sealed class AgentScreens : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly Task _reading;
    private readonly Task<string> _errors;
    private int _lastCall;

    private AgentScreens(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reading = ReadAsync();
    }

    public static AgentScreens Start(string address)
    {
        var pictures = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "Pictures")).FullName;
        return new AgentScreens(Process.Start(new ProcessStartInfo("node", [Path.Combine(NodeFactAttribute.Folder, "console-agents.mjs"), address, pictures])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>Signs an agent in, on a screen of their own.</summary>
    public async Task<AgentScreen> SignInAsync(string email, string password)
    {
        await DoAsync(email, "signIn", email, password);
        return new AgentScreen(this, email);
    }

    /// <exception cref="InvalidOperationException">What was to be seen or done did not come about in time.</exception>
    public async Task<JsonElement> DoAsync(string agent, string verb, params object[] args)
    {
        var call = Interlocked.Increment(ref _lastCall);
        var answer = _calls[call] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var line = JsonSerializer.Serialize(new { call, agent, verb, args }) + "\n";
        lock (_calls)
        {
            _process.StandardInput.Write(line);
            _process.StandardInput.Flush();
        }

        return await answer.Task.WaitAsync(AnswerTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(AnswerTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        finally
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var message = JsonDocument.Parse(line).RootElement;
            if (!_calls.TryRemove(message.GetProperty("call").GetInt32(), out var call))
                continue;
            if (message.TryGetProperty("error", out var error))
                call.TrySetException(new InvalidOperationException(error.GetString()));
            else
                call.TrySetResult(message.GetProperty("result"));
        }

        var errors = await _errors;
        foreach (var call in _calls.Values)
            call.TrySetException(new InvalidOperationException("The browser has ended: " + errors));
    }
}

/// <summary>What one agent sees and does. Only the keyboard is used.</summary>
internal sealed class AgentScreen(AgentScreens screens, string email) : IAsyncDisposable
{
    public string Email => email;

    public Task PressAsync(params string[] keys) => screens.DoAsync(email, "press", [.. keys]);

    public Task TypeAsync(string text) => screens.DoAsync(email, "type", text);

    /// <summary>Waits until something is in sight.</summary>
    /// <param name="selector">A selector of Playwright.</param>
    /// <returns>What it reads.</returns>
    public async Task<string> SeeAsync(string selector) => (await screens.DoAsync(email, "see", selector)).GetString()!;

    /// <summary>Waits until nothing of the kind is in sight.</summary>
    public Task MissAsync(string selector) => screens.DoAsync(email, "miss", selector);

    public async Task<int> CountAsync(string selector) => (await screens.DoAsync(email, "count", selector)).GetInt32();

    public Task GoToAsync(string path) => screens.DoAsync(email, "goTo", path);

    /// <summary>Whether the page is the one that the agent signed in to, never loaded again.</summary>
    public async Task<bool> IsUntouchedAsync() => (await screens.DoAsync(email, "isUntouched")).GetBoolean();

    public async Task<string> TitleAsync() => (await screens.DoAsync(email, "title")).GetString()!;

    /// <summary>The alert that is open on the screen, empty for none.</summary>
    public async Task<string> SelectedAsync() => (await screens.DoAsync(email, "selected")).GetString()!;

    /// <summary>Goes to a control with the tab key.</summary>
    public Task FocusAsync(string label) => screens.DoAsync(email, "focus", label);

    public Task GoOfflineAsync() => screens.DoAsync(email, "offline", true);

    public Task GoOnlineAsync() => screens.DoAsync(email, "offline", false);

    /// <summary>Breaks the connection to the hub.</summary>
    public Task CutAsync() => screens.DoAsync(email, "cut");

    public async Task<(string Scheme, string Background)> ColoursAsync()
    {
        var colours = await screens.DoAsync(email, "colours");
        return (colours.GetProperty("scheme").GetString()!, colours.GetProperty("background").GetString()!);
    }

    /// <summary>Leaves a picture beside the tests.</summary>
    public Task PictureAsync(string name) => screens.DoAsync(email, "picture", name);

    /// <summary>Closes the screen; that nothing went wrong on it is asserted.</summary>
    public async ValueTask DisposeAsync()
    {
        Assert.Empty((await screens.DoAsync(email, "faults")).EnumerateArray().Select(f => f.GetString()));
        await screens.DoAsync(email, "leave");
    }
}
