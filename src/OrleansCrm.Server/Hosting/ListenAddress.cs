using System.Net;

namespace OrleansCrm.Server.Hosting;

/// <summary>One address to listen on.</summary>
internal readonly record struct ListenAddress(string Url, string Host, bool IsTls, bool IsLoopback)
{
    public static string? FindFault(ServerOptions options)
    {
        var urls = options.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (urls.Length == 0)
            return "--urls takes addresses such as " + ServerOptions.UrlsDefault;
        if (options.BehindProxy is { } proxy && !TryParseProxy(proxy, out _))
            return "--behind-proxy takes the IP address or network of the proxy, such as 10.0.0.7 or 10.0.0.0/8";
        foreach (var url in urls)
        {
            if (!TryParse(url, out var address))
                return $"--urls cannot use '{url}'; an address reads like {ServerOptions.UrlsDefault}";
            if (address is { IsLoopback: false, IsTls: false } && options.BehindProxy is null)
                return $"'{url}' would carry keys and customers' data unencrypted; use https, or name the proxy that does with --behind-proxy ADDRESS";
        }

        return null;
    }

    public static ListenAddress[] ParseAll(string urls) =>
        [.. urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => TryParse(url, out var address)
            ? address
            : throw new FormatException($"'{url}' is no address to listen on."))];

    public static bool TryParseProxy(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
            return true;
        if (!IPAddress.TryParse(text, out var single))
            return false;
        network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
        return true;
    }

    private static bool TryParse(string url, out ListenAddress address)
    {
        address = default;
        BindingAddress binding;
        try
        {
            binding = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return false;
        }

        if (binding.Port is < 0 or > IPEndPoint.MaxPort || binding.IsUnixPipe || binding.IsNamedPipe || binding.PathBase is not ("" or null) || binding.Scheme is not ("http" or "https"))
            return false;
        var host = binding.Host;
        var isLoopback = host == "localhost" || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
        address = new ListenAddress(url, host, binding.Scheme == "https", isLoopback);
        return true;
    }
}
