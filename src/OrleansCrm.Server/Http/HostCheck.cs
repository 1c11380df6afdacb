using System.Net;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Http;

/// <summary>
/// Refuses requests that name a host which is not ours: a page elsewhere that makes its own name resolve to this address (DNS rebinding)
/// would otherwise speak to the engine as if it were its own.
/// </summary>
internal sealed class HostCheck
{
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost", "127.0.0.1", "[::1]" };
    private readonly IPNetwork? _proxy;
    private string? _allowed;

    public HostCheck(ServerOptions options)
    {
        foreach (var address in ListenAddress.ParseAll(options.Urls))
            _names.Add(address.Host);
        foreach (var name in (options.AllowedHosts ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            _names.Add(name);
        if (options.BehindProxy is { } proxy && ListenAddress.TryParseProxy(proxy, out var network) && options.AllowedHosts is null)
            _proxy = network;
    }

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        // Nearly all requests name the host that the one before them named.
        string? host = context.Request.Headers.Host;
        if (host is not null && host == _allowed)
            return next(context);
        if (_names.Contains(context.Request.Host.Host))
        {
            _allowed = host;
            return next(context);
        }

        // Probes of an orchestrator come to the bare address.
        var allowed = IsFromProxy(context) || context.Request.Path.StartsWithSegments("/health");
        return allowed
            ? next(context)
            : Problems.WriteAsync(context, 400, "host_not_allowed", "This server does not answer to that host name; --allowed-hosts names more.");
    }

    // A proxy chooses its target itself, so the name that it passes on cannot be the work of a foreign page's resolver alone.
    private bool IsFromProxy(HttpContext context) =>
        _proxy is { } proxy
        && PeerAddress.Of(context) is { } address
        && proxy.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
