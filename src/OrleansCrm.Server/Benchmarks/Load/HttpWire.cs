using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;

namespace OrleansCrm.Server.Benchmarks.Load;

/// <summary>
/// One HTTP/1.1 connection that sends bytes made beforehand and finds the end of the answer: an ordinary client would cost more than the
/// server it measures.
/// </summary>
internal sealed class HttpWire : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] _received = new byte[16 * 1024];
    private int _length;
    private int _bodyAt;

    public static async Task<HttpWire> ConnectAsync(int port, CancellationToken cancellation)
    {
        var wire = new HttpWire();
        try
        {
            await wire._socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
            return wire;
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    /// <summary>What followed the head of the newest answer, chunk sizes included.</summary>
    public ReadOnlySpan<byte> Body => _received.AsSpan(_bodyAt, _length - _bodyAt);

    /// <returns>The status of the answer, which has been read to its end.</returns>
    public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellation)
    {
        while (request.Length > 0)
            request = request[await _socket.SendAsync(request, cancellation)..];
        _length = 0;
        _bodyAt = 0;
        while (true)
        {
            if (_length == _received.Length)
                Array.Resize(ref _received, _received.Length * 2);
            var read = await _socket.ReceiveAsync(_received.AsMemory(_length), cancellation);
            if (read == 0)
                throw new IOException("The server has closed the connection.");
            _length += read;
            if (IsWhole())
                return StatusOf(_received);
        }
    }

    public void Dispose() => _socket.Dispose();

    private bool IsWhole()
    {
        var received = _received.AsSpan(0, _length);
        if (_bodyAt == 0)
        {
            var end = received.IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return false;
            _bodyAt = end + 4;
        }

        var name = "Content-Length: "u8;
        var head = received[.._bodyAt];
        var at = head.IndexOf(name);
        if (at >= 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _))
            return received.Length >= _bodyAt + length;
        return StatusOf(head) is 204 or 304 || received[_bodyAt..].EndsWith("0\r\n\r\n"u8);
    }

    private static int StatusOf(ReadOnlySpan<byte> head) => Utf8Parser.TryParse(head["HTTP/1.1 ".Length..], out int status, out _) ? status : 0;
}
