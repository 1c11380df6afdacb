using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>What happens to one request on its way.</summary>
internal enum Fault
{
    Pass = 0,
    Answer500,
    Answer503,

    /// <summary>With <c>Retry-After: 1</c>.</summary>
    Answer429,

    /// <summary>It arrives after a second.</summary>
    Slow,

    /// <summary>The connection is cut before anything arrives.</summary>
    CutBefore,

    /// <summary>It arrives and is answered, and the connection is cut before the answer.</summary>
    CutAfter,

    /// <summary>It arrives and is answered, and the sender is told of a failure.</summary>
    LieAfter,

    /// <summary>As <see cref="CutAfter"/>, and the server is killed at that instant.</summary>
    Kill,
}

/// <summary>
/// Stands between a client and the server and does to each POST what a script says; when the script is over everything passes. It notes
/// which messages of a batch the client was told had been taken.
/// </summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
    private readonly ConcurrentQueue<Fault> _script;
    private readonly string _server;
    private readonly Func<Task> _kill;

    private FaultProxy(string server, IEnumerable<Fault> script, Func<Task> kill)
    {
        _server = server;
        _script = new ConcurrentQueue<Fault>(script);
        _kill = kill;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    public string Address => _app.Urls.First();

    /// <summary>Ids of the messages of every request that the client saw answered with 200.</summary>
    public ConcurrentBag<string> Told { get; } = [];

    /// <summary>How often the client has posted something.</summary>
    public int Requests => _requests;

    private int _requests;

    public static async Task<FaultProxy> StartAsync(string server, IEnumerable<Fault> script, Func<Task>? kill = null)
    {
        var proxy = new FaultProxy(server, script, kill ?? (() => Task.CompletedTask));
        await proxy._app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
            Interlocked.Increment(ref _requests);
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var fault = HttpMethods.IsPost(context.Request.Method) && _script.TryDequeue(out var next) ? next : Fault.Pass;
        if (context.Request.Headers.Origin.Count > 0)
        {
            // A page may read what is answered here too, as it may on the server.
            context.Response.Headers.AccessControlAllowOrigin = "*";
            context.Response.Headers.AccessControlExposeHeaders = "Retry-After";
        }

        switch (fault)
        {
            case Fault.Answer500:
                context.Response.StatusCode = 500;
                return;
            case Fault.Answer503:
                context.Response.StatusCode = 503;
                return;
            case Fault.Answer429:
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "1";
                return;
            case Fault.CutBefore:
                context.Abort();
                return;
            case Fault.Slow:
                await Task.Delay(TimeSpan.FromSeconds(1));
                break;
        }

        if (await ForwardAsync(context.Request, body.ToArray()) is not { } answer)
        {
            context.Response.StatusCode = 503;
            return;
        }

        switch (fault)
        {
            case Fault.Kill:
                await _kill();
                context.Abort();
                return;
            case Fault.CutAfter:
                context.Abort();
                return;
            case Fault.LieAfter:
                context.Response.StatusCode = 500;
                return;
        }

        if (answer.Status == 200 && context.Request.Path == "/v1/batch")
        {
            foreach (var id in MessageIds(context.Request, body.ToArray()))
                Told.Add(id);
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers.Where(h => !IsOfConnection(h.Name)))
            context.Response.Headers[name] = value;
        await context.Response.Body.WriteAsync(answer.Body);
    }

    private static bool IsOfConnection(string header) =>
        new[] { "Connection", "Transfer-Encoding", "Content-Length", "Keep-Alive" }.Contains(header, StringComparer.OrdinalIgnoreCase);

    /// <returns>Null when the server is not there.</returns>
    private async Task<(int Status, (string Name, string Value)[] Headers, byte[] Body)?> ForwardAsync(HttpRequest from, byte[] body)
    {
        // The name of the host stays: settings that the server gives out lead back here.
        using var request = new HttpRequestMessage(new HttpMethod(from.Method), _server + from.Path + from.QueryString) { Content = new ByteArrayContent(body) };
        foreach (var header in from.Headers.Where(h => !IsOfConnection(h.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray()))
                request.Content.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray());
        }

        try
        {
            using var answer = await _http.SendAsync(request);
            var headers = answer.Headers.Concat(answer.Content.Headers).Select(h => (h.Key, string.Join(", ", h.Value))).ToArray();
            return ((int)answer.StatusCode, headers, await answer.Content.ReadAsByteArrayAsync());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string[] MessageIds(HttpRequest request, byte[] body)
    {
        Stream plain = new MemoryStream(body);
        if (request.Headers.ContentEncoding == "gzip")
            plain = new GZipStream(plain, CompressionMode.Decompress);
        using var json = JsonDocument.Parse(plain);
        return [.. json.RootElement.GetProperty("batch").EnumerateArray().Select(item => item.GetProperty("messageId").GetString()!)];
    }
}
