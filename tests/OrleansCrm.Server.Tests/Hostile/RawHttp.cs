using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansCrm.Server.Tests.Hostile;

/// <summary>Sends bytes as they are, which no proper client would, and reads what comes back until the server closes.</summary>
internal sealed class RawHttp(string address)
{
    /// <summary>Longer than the server gives a sender that stalls; whatever takes longer hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const int AnswerBytesMax = 8 << 20;

    private readonly IPEndPoint _server = new(IPAddress.Loopback, new Uri(address).Port);

    /// <param name="hangUp">Close the sending side after the last byte: what is still owed never comes.</param>
    public async Task<RawAnswer> SendAsync(ReadOnlyMemory<byte> request, bool hangUp = false)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_server, deadline.Token);
            var sending = WriteAsync(socket, request, hangUp, deadline.Token);
            var answer = await ReadAsync(socket, deadline.Token);
            await sending;
            return answer;
        }
        catch (OperationCanceledException)
        {
            return new RawAnswer(0, "", null, IsHung: true);
        }
    }

    public static byte[] Request(string method, string target, IEnumerable<(string Name, string Value)> headers, ReadOnlySpan<byte> body)
    {
        var head = new StringBuilder($"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.Latin1.GetBytes(head.ToString()), .. body];
    }

    // A server may answer and close before it has read everything; what is still on its way then has nowhere to go.
    private static async Task WriteAsync(Socket socket, ReadOnlyMemory<byte> request, bool hangUp, CancellationToken cancellation)
    {
        try
        {
            while (request.Length > 0)
                request = request[await socket.SendAsync(request, SocketFlags.None, cancellation)..];
            if (hangUp)
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException gone)
        {
            Assert.True(gone.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.NotConnected, gone.Message);
        }
    }

    private static async Task<RawAnswer> ReadAsync(Socket socket, CancellationToken cancellation)
    {
        var bytes = new MemoryStream();
        var chunk = new byte[16 << 10];
        try
        {
            int read;
            while (bytes.Length < AnswerBytesMax && (read = await socket.ReceiveAsync(chunk, SocketFlags.None, cancellation)) > 0)
                bytes.Write(chunk, 0, read);
        }
        catch (SocketException reset)
        {
            Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
        }

        return RawAnswer.Parse(Encoding.UTF8.GetString(bytes.ToArray()));
    }
}

/// <param name="Status">0 when the connection was closed without an answer.</param>
internal sealed record RawAnswer(int Status, string Body, string? RetryAfter, bool IsHung)
{
    /// <summary>Whether a sender may be treated so: every answer but a failure of the server that it does not own up to.</summary>
    public bool IsFair => !IsHung && (Status < 500 || (Status == 503 && int.TryParse(RetryAfter, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        || Status is 501 or 505);

    public static RawAnswer Parse(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (!text.StartsWith("HTTP/1.", StringComparison.Ordinal) || end < 0)
            return new RawAnswer(0, text, null, IsHung: false);
        var retry = text[..end].Split("\r\n").FirstOrDefault(line => line.StartsWith("Retry-After:", StringComparison.OrdinalIgnoreCase));
        var status = int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture);
        return status == 100
            ? Parse(text[(end + 4)..])
            : new RawAnswer(status, text[(end + 4)..], retry?["Retry-After:".Length..].Trim(), IsHung: false);
    }
}
