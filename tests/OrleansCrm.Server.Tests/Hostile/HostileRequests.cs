using System.Text;

namespace OrleansCrm.Server.Tests.Hostile;

/// <summary>Requests that are odd as HTTP, whatever their body.</summary>
internal static class HostileRequests
{
    public static readonly string[] PathParts =
    [
        "x", "%", "%2", "%zz", "%00", "%2F", "%2f%2f", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%C0%AF", "%FF", "%ED%A0%80", "%F0%9F%98%80", "%E2%80%AE", "%20", "+",
        "user:", "anonymous:", "user:%00", "user:user:x", "a%2Fb", "0", "-1", "99999999999999999999", "1-2", "1-2-3", "999-0", "-", "0-9223372036854775807",
        "0-99999999999999999999-0", "\"", "'", "%27%20OR%201%3D1", "*", ";x=1", ".", new string('x', 300), new string('y', 6_000), "%7B%7D", "{id}", "é", "%0d%0aX-Injected:%201",
    ];

    public static readonly string[] Queries =
    [
        "", "?", "?writeKey=", "?limit=0", "?limit=-1", "?limit=99999999999", "?limit=500&limit=1", "?after=%00", "?after=x", "?before=0-0", "?before=0-99999999999999999999",
        "?at=2020-01-01", "?at=9999-99-99", "?code=%00", "?code=" + new string('c', 5_000), "?&&&===", "?%", "?%zz=%zz", "?a[]=1&a[b]=2", "?status=%FF", "?version=1e9",
        "?from=2026-13-01&to=x", "?access_token=x", "?id=x&negotiateVersion=9", "?" + string.Join('&', Enumerable.Range(0, 1_100).Select(i => $"q{i}={i}")),
    ];

    /// <summary>Whole requests as bytes, with a valid write key where one is taken.</summary>
    public static IEnumerable<(string Name, byte[] Request)> Raw(string writeKey)
    {
        const string Good = "{\"batch\":[{\"type\":\"track\",\"event\":\"X\",\"userId\":\"hostile\"}]}";
        var auth = $"Authorization: Bearer {writeKey}\r\n";
        (string, string)[] texts =
        [
            ("nothing", ""),
            ("no http", "hello\r\n\r\n"),
            ("tls", "\u0016\u0003\u0001\u0002\u0000"),
            ("http 2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            ("http 9", "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n"),
            ("no host", "GET /health/live HTTP/1.1\r\n\r\n"),
            ("two hosts", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nConnection: close\r\n\r\n"),
            ("foreign host", "GET /v1/program HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
            ("bad host", "GET /v1/program HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n"),
            ("absolute form", "GET http://localhost/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            ("asterisk", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            ("connect", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n"),
            ("odd method", $"B\u0001AD /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}\r\n"),
            ("unknown method", $"FROBNICATE /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{auth}\r\n"),
            ("trace", "TRACE /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
            ("long target", "GET /" + new string('a', 20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            ("many headers", "GET /health/live HTTP/1.1\r\nHost: localhost\r\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: {i}\r\n")) + "\r\n"),
            ("huge header", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: " + new string('h', 200_000) + "\r\n\r\n"),
            ("folded header", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\nConnection: close\r\n\r\n"),
            ("header without name", "GET /health/live HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n"),
            ("nul in header", "GET /health/live HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n"),
            ("bare lf", "GET /health/live HTTP/1.1\nHost: localhost\nConnection: close\n\n"),
            ("negative length", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Length: -1\r\n\r\n{Good}"),
            ("huge length", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Length: 99999999999999999999\r\n\r\n{Good}"),
            ("two lengths", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Length: 5\r\nContent-Length: 7\r\n\r\n{Good}"),
            ("too long a length, then the end", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Length: 5000\r\n\r\n{Good}"),
            ("too short a length", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Length: 20\r\nConnection: close\r\n\r\n{Good}"),
            ("no length", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Connection: close\r\n\r\n{Good}"),
            ("length and chunks", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /v1/program HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            ("bad chunk size", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{Good}\r\n0\r\n\r\n"),
            ("huge chunk size", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{Good}"),
            ("cut chunk", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Transfer-Encoding: chunked\r\n\r\n400\r\n{Good}"),
            ("unknown transfer encoding", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\n{auth}Transfer-Encoding: gzip\r\n\r\n{Good}"),
            ("good chunks", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{auth}Transfer-Encoding: chunked\r\n\r\n{Good.Length:x}\r\n{Good}\r\n0\r\nX-Trailer: x\r\n\r\n"),
            ("expects", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{auth}Expect: 100-continue\r\nContent-Length: {Good.Length}\r\n\r\n{Good}"),
            ("expects the impossible", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{auth}Expect: 200-maybe\r\nContent-Length: {Good.Length}\r\n\r\n{Good}"),
            ("bad basic", $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic ///\u00ff\r\nContent-Length: 2\r\n\r\n{{}}"),
            ("upgrade", "GET /hubs/alerts HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: !\r\n\r\n"),
            ("upgrade to nothing", "GET /v1/program HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: h9\r\n\r\n"),
        ];
        return texts.Select(t => (t.Item1, Encoding.Latin1.GetBytes(t.Item2)));
    }
}
