using System.Buffers;
using System.Text;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>A whole request with a batch of events, made once; <see cref="Renew"/> makes its messages new ones.</summary>
internal sealed class BatchBody
{
    // Message numbers: run, connection, event.
    private const int ConnectionShift = 34;
    private const int RunShift = 46;

    private readonly byte[] _request;
    private readonly (int At, EventPlaces Places)[] _events;
    private readonly CustomerChoice _customers;
    private readonly SeededRandom _random;
    private readonly TimeProvider _time;
    private long _number;

    public BatchBody(LoadSpec spec, int connection, CustomerChoice customers, TimeProvider time)
    {
        _customers = customers;
        _time = time;
        _number = ((long)spec.Run << RunShift) | ((long)connection << ConnectionShift);
        _random = SeededRandom.For((ulong)spec.Run, (ulong)connection);
        var body = new ArrayBufferWriter<byte>();
        body.Write("{\"batch\":["u8);
        _events = new (int, EventPlaces)[spec.Batch];
        for (var i = 0; i < spec.Batch; i++)
        {
            if (i > 0)
                body.Write(","u8);

            // A single event to a request must not be the same kind every time.
            var (json, places) = EventText.Of(spec.Batch >= 20 ? i : connection + i);
            _events[i] = (body.WrittenCount, places);
            body.Write(json);
        }

        body.Write("]}"u8);
        var head = Encoding.ASCII.GetBytes(
            $"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1:{spec.Port}\r\nAuthorization: Bearer {spec.Key}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.WrittenCount}\r\n\r\n");
        for (var i = 0; i < _events.Length; i++)
            _events[i].At += head.Length;
        _request = [.. head, .. body.WrittenSpan];
    }

    public ReadOnlyMemory<byte> Request => _request;

    public void Renew()
    {
        var time = EventText.TimeOf(_time.GetUtcNow());
        foreach (var (at, places) in _events)
        {
            var json = _request.AsSpan(at);
            EventText.WriteMessageId(json, places, _number++);
            EventText.WriteCustomer(json, places, _customers.Next(_random));
            EventText.WriteTime(json, places, time);
        }
    }
}
