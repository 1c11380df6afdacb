using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace OrleansCrm.Server.Storefront;

/// <summary>
/// The verb <c>storefront</c>: keeps an invented shop and sends what happens there to a server, knowing nothing but its public API. A batch
/// that was not taken is sent again as it was, so its events keep their ids.
/// </summary>
internal static class StorefrontVerb
{
    private static readonly TimeSpan ParentLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryPauseMax = TimeSpan.FromSeconds(10);

    /// <returns>Exit code: 0 stopped or the parent process ended, 1 the server refused or was away for too long, 2 bad options.</returns>
    public static async Task<int> RunAsync(StorefrontOptions options, TimeProvider time, TextWriter error, CancellationToken cancellation)
    {
        if (options.FindFault() is { } fault)
        {
            await error.WriteLineAsync(fault);
            return 2;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = options.ParentProcess is { } parent ? WatchParentAsync(parent, time, stop) : Task.CompletedTask;
        try
        {
            using var http = NewClient(options);
            var refusal = await TradeAsync(options, http, time, stop.Token);
            await error.WriteLineAsync(refusal);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        finally
        {
            await stop.CancelAsync();
            await watch;
        }
    }

    /// <returns>Why it ended; it never ends well by itself.</returns>
    private static async Task<string> TradeAsync(StorefrontOptions options, HttpClient http, TimeProvider time, CancellationToken cancellation)
    {
        var seed = options.Seed ?? (ulong)time.GetUtcNow().Ticks ^ (ulong)Environment.ProcessId;
        var shop = new Shop(options, seed, NowMs(time));
        while (true)
        {
            var events = shop.Step(NowMs(time));
            if (events.Length > 0 && await SendAsync(options, http, events, time, cancellation) is { } refusal)
                return refusal;
            var pause = TimeSpan.FromMilliseconds(Math.Max(1, shop.NextDueMs - NowMs(time)));
            await Task.Delay(pause, time, cancellation);
        }
    }

    /// <returns>Null when the server has taken the events, else why it never will.</returns>
    private static async Task<string?> SendAsync(
        StorefrontOptions options, HttpClient http, byte[][] events, TimeProvider time, CancellationToken cancellation)
    {
        var body = BodyOf(events);
        var started = time.GetTimestamp();
        var pause = RetryPause;
        while (true)
        {
            var (status, retryAfter) = await PostAsync(http, body, cancellation);
            if (status is >= 200 and < 300)
                return null;
            if (status is >= 300 and < 500 and not 408 and not 429)
                return $"the server refused the shop's events with status {status}";
            if (time.GetElapsedTime(started) > options.GiveUpAfter)
                return $"the server has taken nothing for {options.GiveUpAfter.TotalSeconds:0} seconds";
            await Task.Delay(retryAfter ?? pause, time, cancellation);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, RetryPauseMax.Ticks));
        }
    }

    /// <returns>Status 0 when there was no answer.</returns>
    private static async Task<(int Status, TimeSpan? RetryAfter)> PostAsync(HttpClient http, byte[] body, CancellationToken cancellation)
    {
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http.PostAsync("v1/batch", content, cancellation);
            return ((int)response.StatusCode, response.Headers.RetryAfter?.Delta is { } delta && delta < RetryPauseMax ? delta : null);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return (0, null);
        }
    }

    private static byte[] BodyOf(byte[][] events)
    {
        using var body = new MemoryStream();
        body.Write("{\"batch\":["u8);
        for (var i = 0; i < events.Length; i++)
        {
            if (i > 0)
                body.WriteByte((byte)',');
            body.Write(events[i]);
        }

        body.Write("]}"u8);
        return body.ToArray();
    }

    private static HttpClient NewClient(StorefrontOptions options)
    {
        var root = options.Url.AbsoluteUri;
        var http = new HttpClient
        {
            BaseAddress = new Uri(root.EndsWith('/') ? root : root + "/"),
            Timeout = TimeSpan.FromSeconds(30),
        };
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(options.WriteKey + ":")));
        return http;
    }

    private static async Task WatchParentAsync(int parent, TimeProvider time, CancellationTokenSource stop)
    {
        try
        {
            using var process = Process.GetProcessById(parent);
            while (!process.HasExited)
                await Task.Delay(ParentLook, time, stop.Token);
        }
        catch (ArgumentException)
        {
            // It is gone already.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await stop.CancelAsync();
    }

    private static long NowMs(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();
}
