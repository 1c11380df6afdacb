using System.Text;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>
/// Sends requests over several connections, as fast as answers come or at a given rate. At a rate each request is measured from the
/// moment when it was due: a server that stalls does not get the requests it kept from being sent left out of its figures.
/// </summary>
internal sealed class RequestLoad(LoadSpec spec, TimeProvider time)
{
    private static readonly TimeSpan RefusalPause = TimeSpan.FromMilliseconds(20);

    private readonly LatencyHistogram _latencies = new();
    private long _count;
    private long _refused;
    private long _failed;

    public async Task<LoadReport> RunAsync(CancellationToken cancellation)
    {
        var choice = new CustomerChoice(spec.Customers, spec.IsSkewed);
        var wires = await Task.WhenAll(Enumerable.Range(0, spec.Connections).Select(_ => HttpWire.ConnectAsync(spec.Port, cancellation)));
        try
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var started = time.GetTimestamp();
            await Task.WhenAll(wires.Select((wire, i) => RunAsync(wire, i, choice, started, cancellation)));
            return new LoadReport(
                _count, _refused, _failed, time.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, _latencies.ToPairs());
        }
        finally
        {
            foreach (var wire in wires)
                wire.Dispose();
        }
    }

    private async Task RunAsync(HttpWire wire, int connection, CustomerChoice choice, long started, CancellationToken cancellation)
    {
        var next = spec.Kind switch
        {
            LoadKind.Ingest => Batches(connection, choice),
            LoadKind.Decision => Questions(connection, choice),
            _ => Lookups(connection, choice),
        };
        var perRequest = spec.Kind == LoadKind.Ingest ? spec.Batch : 1;
        var latencies = new LatencyHistogram();
        var end = TimeSpan.FromSeconds(spec.Seconds);
        var due = spec.Rate > 0 ? TimeSpan.FromSeconds(connection / spec.Rate) : TimeSpan.Zero;
        while (true)
        {
            var now = time.GetElapsedTime(started);
            if (spec.Rate > 0 ? due >= end : now >= end)
                break;
            if (due > now)
                await Task.Delay(RoundedUp(due - now), time, cancellation);
            var from = spec.Rate > 0 ? due : now;
            var status = await wire.ExchangeAsync(next(), cancellation);
            latencies.Add(time.GetElapsedTime(started) - from);
            if (spec.Rate > 0)
                due += TimeSpan.FromSeconds(spec.Connections / spec.Rate);
            if (status == 200 && IsAccepted(wire.Body))
            {
                Interlocked.Add(ref _count, perRequest);
            }
            else if (status == 429)
            {
                Interlocked.Increment(ref _refused);
                await Task.Delay(RefusalPause, time, cancellation);
            }
            else
            {
                Interlocked.Increment(ref _failed);
            }
        }

        lock (_latencies)
            _latencies.Add(latencies);
    }

    // Timers count in milliseconds; a request a fraction late is measured from when it was due.
    private static TimeSpan RoundedUp(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Round(wait.TotalMilliseconds)));

    private bool IsAccepted(ReadOnlySpan<byte> body) =>
        spec.Kind != LoadKind.Ingest || body.IndexOf("\"rejected\":[]"u8) >= 0;

    private Func<ReadOnlyMemory<byte>> Batches(int connection, CustomerChoice choice)
    {
        var body = new BatchBody(spec, connection, choice, time);
        return () =>
        {
            body.Renew();
            return body.Request;
        };
    }

    private Func<ReadOnlyMemory<byte>> Lookups(int connection, CustomerChoice choice)
    {
        var id = CustomerChoice.IdOf(0);
        return Requests(id, $"GET /v1/customers/{id} HTTP/1.1\r\n{Head}\r\n", connection, choice);
    }

    private Func<ReadOnlyMemory<byte>> Questions(int connection, CustomerChoice choice)
    {
        var id = CustomerChoice.IdOf(0);
        var request = $"POST /v1/customers/{id}/decisions HTTP/1.1\r\n{Head}Content-Type: application/json\r\n"
            + $"Content-Length: {EventText.Question.Length}\r\n\r\n{EventText.Question}";
        return Requests(id, request, connection, choice);
    }

    private string Head => $"Host: 127.0.0.1:{spec.Port}\r\nAuthorization: Bearer {spec.Key}\r\n";

    private Func<ReadOnlyMemory<byte>> Requests(string id, string text, int connection, CustomerChoice choice)
    {
        var request = Encoding.ASCII.GetBytes(text);
        var places = new EventPlaces(-1, request.AsSpan().IndexOf(Encoding.ASCII.GetBytes(id)), -1, -1);
        var random = SeededRandom.For((ulong)spec.Run, (ulong)connection);
        return () =>
        {
            EventText.WriteCustomer(request, places, choice.Next(random));
            return request;
        };
    }
}
