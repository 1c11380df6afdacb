using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>
/// Sends single events of customers who have been silent too long, which raises an alert each, and waits for it as an agent's client. The
/// hub's JSON protocol needs a handshake and one call; records end with 0x1e.
/// </summary>
internal sealed class AlertLoad(LoadSpec spec, TimeProvider time)
{
    private const byte RecordEnd = 0x1e;
    private const int CustomersAtOnce = 16;
    private const int Orders = 8;
    private const int GapDays = 7;
    private const int SilenceDays = 62;

    private static readonly TimeSpan AlertTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);
    private readonly LatencyHistogram _latencies = new();
    private long _failed;

    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{spec.Port}/hubs/alerts?access_token={spec.Token}"), cancellation);
        await SendAsync(socket, "{\"protocol\":\"json\",\"version\":1}", cancellation);
        await SendAsync(socket, "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Subscribe\",\"arguments\":[\"default\",null]}", cancellation);
        var subscribed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var receiving = ReceiveAsync(socket, subscribed, ended.Token);
        await subscribed.Task.WaitAsync(AlertTimeout, time, cancellation);

        using var wire = await HttpWire.ConnectAsync(spec.Port, cancellation);
        var cpu = Environment.CpuUsage.TotalTime;
        var started = time.GetTimestamp();
        for (var round = 0; time.GetElapsedTime(started).TotalSeconds < spec.Seconds; round++)
            await RaiseAsync(wire, round, cancellation);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        var report = new LoadReport(
            _latencies.Count, 0, _failed, seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, _latencies.ToPairs());
        await ended.CancelAsync();
        await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return report;
    }

    private async Task RaiseAsync(HttpWire wire, int round, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var customers = Enumerable.Range(0, CustomersAtOnce).Select(i => $"a{spec.Run:D4}-{round:D6}-{i:D2}").ToArray();
        var history = customers.SelectMany(c => Enumerable.Range(0, Orders).Select(i =>
            Event(c, i, "Order Completed", now.AddDays(-SilenceDays - i * GapDays), $"\"order_id\":\"{c}-{i}\",\"revenue\":20,\"currency\":\"EUR\"")));
        await PostAsync(wire, history, cancellation);
        foreach (var customer in customers)
        {
            // The first event after the silence lives through the instant at which the customer came to be at risk.
            var waiting = new Waiting(time.GetTimestamp());
            _waiting[customer] = waiting;
            await PostAsync(wire, [Event(customer, Orders, "Product Viewed", now, "\"product_id\":\"sku-0042\"")], cancellation);
            await waiting.Received.Task.WaitAsync(AlertTimeout, time, cancellation);
        }
    }

    private async Task PostAsync(HttpWire wire, IEnumerable<string> events, CancellationToken cancellation)
    {
        var body = $"{{\"batch\":[{string.Join(',', events)}]}}";
        var request = $"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1:{spec.Port}\r\nAuthorization: Bearer {spec.Key}\r\nContent-Length: {body.Length}\r\n\r\n{body}";
        if (await wire.ExchangeAsync(Encoding.ASCII.GetBytes(request), cancellation) != 200)
            _failed++;
    }

    private static string Event(string customer, int number, string name, DateTimeOffset at, string properties) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"type\":\"track\",\"event\":\"{name}\",\"messageId\":\"{customer}-{number}\",\"userId\":\"{customer}\",\"timestamp\":\"{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\",\"properties\":{{{properties}}}}}");

    private static Task SendAsync(ClientWebSocket socket, string message, CancellationToken cancellation) =>
        socket.SendAsync((byte[])[.. Encoding.UTF8.GetBytes(message), RecordEnd], WebSocketMessageType.Text, endOfMessage: true, cancellation);

    private async Task ReceiveAsync(ClientWebSocket socket, TaskCompletionSource subscribed, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, buffer.Length * 2);
            length += (await socket.ReceiveAsync(buffer.AsMemory(length), cancellation)).Count;
            var received = time.GetTimestamp();
            int end;
            while ((end = buffer.AsSpan(0, length).IndexOf(RecordEnd)) >= 0)
            {
                Take(buffer.AsMemory(0, end), received, subscribed);
                buffer.AsSpan(end + 1, length - end - 1).CopyTo(buffer);
                length -= end + 1;
            }
        }
    }

    private void Take(ReadOnlyMemory<byte> record, long received, TaskCompletionSource subscribed)
    {
        using var message = JsonDocument.Parse(record);
        if (message.RootElement.TryGetProperty("invocationId", out _))
            subscribed.TrySetResult();
        if (!message.RootElement.TryGetProperty("target", out var target) || target.GetString() != "AlertsChanged")
            return;
        foreach (var change in message.RootElement.GetProperty("arguments")[0].GetProperty("changes").EnumerateArray())
        {
            var customer = change.GetProperty("alert").GetProperty("customerId").GetString()!;
            if (!_waiting.TryRemove(customer, out var waiting))
                continue;
            _latencies.Add(time.GetElapsedTime(waiting.Sent, received));
            waiting.Received.TrySetResult();
        }
    }

    private sealed record Waiting(long Sent)
    {
        public TaskCompletionSource Received { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
