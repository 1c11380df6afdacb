using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;

namespace OrleansCrm.Server.Tests.Alerts;

/// <summary>An agent's client: the JavaScript hub client in a process of its own.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly Channel<JsonElement> _pushed = Channel.CreateUnbounded<JsonElement>();
    private readonly Channel<(string Name, JsonElement Message)> _told = Channel.CreateUnbounded<(string, JsonElement)>();
    private readonly TaskCompletionSource<string> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private int _lastCall;

    private HubClient(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>Done with the client's reason when the connection has ended.</summary>
    public Task<string> Closed => _closed.Task.WaitAsync(AnswerTimeout);

    /// <exception cref="InvalidOperationException">The hub refused; the message is the client's.</exception>
    public static async Task<HubClient> ConnectAsync(string address, string token, string transport = "WebSockets", string hub = "/hubs/alerts")
    {
        var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(NodeFactAttribute.Folder, "hub-client.mjs"), address + hub, token, transport])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var client = new HubClient(process);
        var refusal = await client._connected.Task.WaitAsync(AnswerTimeout);
        if (refusal.Length == 0)
            return client;
        await client.DisposeAsync();
        throw new InvalidOperationException(refusal);
    }

    /// <exception cref="InvalidOperationException">The hub's method failed; the message is the client's.</exception>
    public async Task<JsonElement> InvokeAsync(string method, params object?[] args)
    {
        var call = Interlocked.Increment(ref _lastCall);
        var answer = _calls[call] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { call, method, args }));
        await _process.StandardInput.FlushAsync();
        return await answer.Task.WaitAsync(AnswerTimeout);
    }

    /// <summary>The next message that the server pushes.</summary>
    public async Task<JsonElement> NextPushAsync()
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout);
        return await _pushed.Reader.ReadAsync(timeout.Token);
    }

    /// <summary>The next message of another kind than alerts, by name, that is as wanted; others are passed over.</summary>
    public async Task<JsonElement> NextToldAsync(string name, Func<JsonElement, bool> isWanted)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout);
        while (true)
        {
            var told = await _told.Reader.ReadAsync(timeout.Token);
            if (told.Name == name && isWanted(told.Message))
                return told.Message;
        }
    }

    /// <summary>Whether a pushed message waits.</summary>
    public bool TryReadPush(out JsonElement message) => _pushed.Reader.TryRead(out message);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var message = JsonDocument.Parse(line).RootElement;
            if (message.TryGetProperty("pushed", out var pushed))
                _pushed.Writer.TryWrite(pushed);
            else if (message.TryGetProperty("told", out var name))
                _told.Writer.TryWrite((name.GetString()!, message.GetProperty("message")));
            else if (message.TryGetProperty("connected", out _))
                _connected.TrySetResult("");
            else if (message.TryGetProperty("closed", out var reason))
                Close(reason.GetString()!);
            else if (_calls.TryRemove(message.GetProperty("call").GetInt32(), out var call))
                Answer(call, message);
        }

        Close("the client ended");
    }

    private static void Answer(TaskCompletionSource<JsonElement> call, JsonElement message)
    {
        if (message.TryGetProperty("error", out var error))
            call.TrySetException(new InvalidOperationException(error.GetString()));
        else
            call.TrySetResult(message.TryGetProperty("result", out var result) ? result : default);
    }

    private void Close(string reason)
    {
        _connected.TrySetResult(reason);
        _closed.TrySetResult(reason);
        foreach (var call in _calls.Values)
            call.TrySetException(new InvalidOperationException("The connection ended: " + reason));
    }
}
