using System.Net;

namespace OrleansCrm.Server.Http;

/// <summary>Who is at the other end of a connection, where forwarded headers may replace it.</summary>
internal sealed class PeerAddress
{
    private readonly IPAddress? _address;

    private PeerAddress(IPAddress? address) => _address = address;

    /// <summary>For a server behind a proxy, before the headers are read.</summary>
    public static Task RememberAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(new PeerAddress(context.Connection.RemoteIpAddress));
        return next(context);
    }

    public static IPAddress? Of(HttpContext context) =>
        context.Features.Get<PeerAddress>() is { } remembered ? remembered._address : context.Connection.RemoteIpAddress;
}
