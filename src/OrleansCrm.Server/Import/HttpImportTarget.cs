using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace OrleansCrm.Server.Import;

/// <summary>Imports over the public API of a server. The key needs scope <c>admin</c>.</summary>
internal sealed class HttpImportTarget : IImportTarget
{
    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly Action<string> _say;
    private string _import = "";
    private int _isAway;

    /// <param name="say">Is told when the server is away, once each time, as an import may wait for minutes.</param>
    public HttpImportTarget(Uri server, string apiKey, TimeProvider time, Action<string> say)
    {
        var root = server.AbsoluteUri;
        _http = new HttpClient
        {
            BaseAddress = new Uri(root.EndsWith('/') ? root : root + "/"),
            Timeout = TimeSpan.FromMinutes(2),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        _time = time;
        _say = say;
    }

    /// <summary>What a small server's partitions are; a lane is a share of the customers, whatever the server's own are.</summary>
    public int Lanes => 8;

    public async Task<ImportPlan> StartAsync(ImportPlan proposed, CancellationToken cancellation)
    {
        _import = proposed.Import;
        using var answer = await CallAsync(HttpMethod.Post, PathOf(_import) + "/start", proposed.ToPayload(), cancellation);
        return ImportPlan.Parse(JsonSerializer.SerializeToUtf8Bytes(answer.RootElement.GetProperty("payload")));
    }

    public async Task RenewAsync(string import, CancellationToken cancellation) =>
        (await CallAsync(HttpMethod.Post, PathOf(import) + "/renew", [], cancellation)).Dispose();

    public async Task EndAsync(string import, CancellationToken cancellation) =>
        (await CallAsync(HttpMethod.Post, PathOf(import) + "/end", [], cancellation)).Dispose();

    public async Task<long> CountUnsettledAsync(CancellationToken cancellation)
    {
        using var answer = await CallAsync(HttpMethod.Get, PathOf(_import) + "/pending", null, cancellation);
        return answer.RootElement.GetProperty("pending").GetInt64();
    }

    /// <summary>The server stores by itself within seconds; nothing that it has answered can be lost.</summary>
    public Task FlushAsync(CancellationToken cancellation) => Task.CompletedTask;

    public async Task<SendResult> SendAsync(IReadOnlyList<ImportEvent> batch, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        body.Write("{\"batch\":["u8);
        for (var i = 0; i < batch.Count; i++)
        {
            if (i > 0)
                body.WriteByte((byte)',');
            body.Write(batch[i].Json);
        }

        body.Write("]}"u8);
        using var answer = await CallAsync(HttpMethod.Post, "v1/import", body.ToArray(), cancellation);
        var root = answer.RootElement;
        var rejections = root.GetProperty("rejected").EnumerateArray()
            .GroupBy(r => r.GetProperty("code").GetString() ?? "")
            .ToDictionary(g => g.Key, g => g.Count());
        if (root.TryGetProperty("rejectedMore", out var more))
            rejections["more"] = more.GetInt32();
        return new SendResult(root.GetProperty("accepted").GetInt32(), root.GetProperty("duplicate").GetInt32(), rejections);
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string PathOf(string import) => "v1/imports/" + Uri.EscapeDataString(import);

    /// <exception cref="ImportException">The server refuses for a reason that a repeat does not cure, or is away for too long.</exception>
    private Task<JsonDocument> CallAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellation) =>
        Patience.TryAsync(() => TryAsync(method, path, body, cancellation), _time, cancellation);

    private async Task<Attempt<JsonDocument>> TryAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = new ByteArrayContent(body);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            using var response = await _http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode)
            {
                var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
                Volatile.Write(ref _isAway, 0);
                return Attempt<JsonDocument>.Done(answer);
            }

            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500)
                return Attempt<JsonDocument>.Again(response.Headers.RetryAfter?.Delta ?? Patience.Pause);
            throw new ImportException(
                $"the server answered {path} with status {(int)response.StatusCode}{await DetailOfAsync(response, cancellation)}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            if (Interlocked.Exchange(ref _isAway, 1) == 0)
                _say($"{_http.BaseAddress} does not answer ({e.Message}); trying for {Patience.GiveUpAfter.TotalMinutes:0} minutes");
            return Attempt<JsonDocument>.Again(Patience.Pause);
        }
    }

    private static async Task<string> DetailOfAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return "";
        using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
        return problem.RootElement.TryGetProperty("detail", out var detail) ? ": " + detail.GetString() : "";
    }
}
