using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace OrleansCrm.Server.Tests.Access;

/// <summary>The hub's JSON protocol over a bare WebSocket: enough to call a method, with no client library that could stand in the way.</summary>
internal sealed class HubSocket : IAsyncDisposable
{
    private const char Separator = '\x1e';

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // The server takes a client for gone that says nothing for half a minute.
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(5);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _end = new();
    private Task _pinging = Task.CompletedTask;
    private string _read = "";
    private long _sequence;

    /// <exception cref="WebSocketException">The server refused.</exception>
    public static async Task<HubSocket> ConnectAsync(string address, string token)
    {
        var hub = new HubSocket();
        using var deadline = new CancellationTokenSource(Patience);
        var uri = new Uri(address.Replace("http://", "ws://") + "/hubs/alerts?access_token=" + Uri.EscapeDataString(token));
        await hub._socket.ConnectAsync(uri, deadline.Token);
        await hub.SendAsync("""{"protocol":"json","version":1}""");
        Assert.Equal("{}", await hub.NextAsync());
        hub._pinging = hub.PingAsync();
        return hub;
    }

    /// <returns>The completion as JSON, with <c>result</c> or <c>error</c>.</returns>
    public async Task<string> InvokeAsync(string method, object?[] arguments)
    {
        await SendAsync(JsonSerializer.Serialize(new { type = 1, invocationId = "1", target = method, arguments }));
        while (true)
        {
            var message = await NextAsync();
            if (JsonDocument.Parse(message).RootElement.GetProperty("type").GetInt32() == 3)
                return message;
        }
    }

    /// <summary>Reads pushes of alerts up to this number, each of which continues the one before.</summary>
    /// <returns>The number it has come to.</returns>
    public async Task<long> ReadSequenceAsync(long to)
    {
        while (_sequence < to)
        {
            using var message = JsonDocument.Parse(await NextAsync());
            if (!message.RootElement.TryGetProperty("target", out var target) || !target.ValueEquals("AlertsChanged"))
                continue;
            var pushed = message.RootElement.GetProperty("arguments")[0];
            Assert.Equal(_sequence, pushed.GetProperty("from").GetInt64());
            _sequence = pushed.GetProperty("sequence").GetInt64();
        }

        return _sequence;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _pinging;
        _socket.Dispose();
        _sending.Dispose();
        _end.Dispose();
    }

    private async Task PingAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(PingEvery, _end.Token);
                await SendAsync("""{"type":6}""");
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException)
        {
            // Closed by this side, or by the server: whoever reads is told.
        }
    }

    private async Task SendAsync(string message)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        deadline.CancelAfter(Patience);
        await _sending.WaitAsync(deadline.Token);
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(message + Separator), WebSocketMessageType.Text, true, deadline.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task<string> NextAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        var buffer = new byte[64 * 1024];
        int end;
        while ((end = _read.IndexOf(Separator)) < 0)
        {
            var received = await _socket.ReceiveAsync(buffer, deadline.Token);
            _read += Encoding.UTF8.GetString(buffer, 0, received.Count);
        }

        var message = _read[..end];
        _read = _read[(end + 1)..];
        return message;
    }
}
