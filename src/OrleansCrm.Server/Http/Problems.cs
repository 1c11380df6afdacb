using System.Text.Json;

namespace OrleansCrm.Server.Http;

/// <summary>Refusals as RFC 9457 problem details. The code is for programs and never changes its meaning, the detail is for people.</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    public static Task WriteAsync(
        HttpContext context, int status, string code, string detail, int? retryAfterSeconds = null, Action<Utf8JsonWriter>? extensions = null)
    {
        if (context.Response.HasStarted)
            return Task.CompletedTask;
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        if (retryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return JsonBodies.WriteObjectAsync(context, ContentType, (status, code, detail, extensions), static (json, problem) =>
        {
            json.WriteString("type", "about:blank");
            json.WriteString("title", TitleOf(problem.status));
            json.WriteNumber("status", problem.status);
            json.WriteString("code", problem.code);
            if (problem.detail.Length > 0)
                json.WriteString("detail", problem.detail);
            problem.extensions?.Invoke(json);
        });
    }

    /// <summary>What nothing of ours has answered with a body yet: unknown paths, wrong methods, refused keys.</summary>
    public static Task WriteBareStatusAsync(HttpContext context) => StatusOf(context) switch
    {
        401 => WriteAsync(context, 401, "unauthorized", "A valid key or session is needed."),
        403 => WriteAsync(context, 403, "forbidden", "This key or role may not do that."),
        404 => WriteAsync(context, 404, "not_found", "There is nothing at this path."),
        405 => WriteAsync(context, 405, "method_not_allowed", "This path does not answer to this method."),
        413 => WriteAsync(context, 413, "too_large", "The body is too large."),
        415 => WriteAsync(context, 415, "unsupported_media_type", "The body is in a form that this path does not read."),
        429 => WriteAsync(context, 429, "overloaded", "Too much at once; try again.", retryAfterSeconds: 1),
        var status => WriteAsync(context, status, "http_" + status.ToString(System.Globalization.CultureInfo.InvariantCulture), ""),
    };

    // Browsers may ask about everything below some paths: where nothing but that question is answered, nothing is. Where GET is, HEAD is too.
    private static int StatusOf(HttpContext context)
    {
        var response = context.Response;
        if (response.StatusCode != 405)
            return response.StatusCode;
        var allowed = string.Join(", ", response.Headers.Allow.ToArray());
        if (allowed == HttpMethods.Options)
        {
            response.Headers.Remove("Allow");
            return 404;
        }

        if (allowed.Split(", ").Contains(HttpMethods.Get))
            response.Headers.Allow = allowed + ", " + HttpMethods.Head;
        return 405;
    }

    /// <summary>Whether the request itself could not be read. A chunk whose size does not fit a number comes as an I/O error.</summary>
    public static bool IsOfSender(Exception? exception) => exception is BadHttpRequestException or IOException { InnerException: OverflowException };

    /// <summary>An exception that nobody expected: the log has it, the sender gets no part of it.</summary>
    public static Task WriteUnhandledAsync(HttpContext context, Exception? exception) => exception switch
    {
        BadHttpRequestException { StatusCode: 413 } => WriteAsync(context, 413, "too_large", "The body is too large."),
        BadHttpRequestException bad => WriteAsync(context, bad.StatusCode, "bad_request", "The request could not be read."),
        _ when IsOfSender(exception) => WriteAsync(context, 400, "bad_request", "The request could not be read."),
        _ when Unavailable.Is(exception) => WriteUnavailableAsync(context),
        _ => WriteAsync(context, 500, "internal", "The server failed; its log has the reason."),
    };

    public static Task WriteUnavailableAsync(HttpContext context, int retryAfterSeconds = 1) =>
        WriteAsync(context, 503, "unavailable", "The engine cannot answer right now; whether it was done is unknown. Try again.", retryAfterSeconds);

    private static string TitleOf(int status)
    {
        var phrase = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);
        return phrase.Length > 0 ? phrase : "Error";
    }
}
