using System.Text.Json.Nodes;
using OrleansCrm.Server.OpenApi;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.OpenApi;

/// <summary>
/// Holds answers against the OpenAPI document: the status must stand there, and the body must be of its schema. Every test that sends a
/// request through <see cref="TestServer"/> is one of the document too.
/// </summary>
internal static class Contract
{
    private static readonly JsonObject Document = JsonNode.Parse(new OpenApiDocument().Utf8.Span)!.AsObject();
    private static readonly (string[] Segments, JsonObject Methods)[] Paths =
        [.. Document["paths"]!.AsObject().Select(path => (path.Key.Split('/'), path.Value!.AsObject()))];

    /// <summary>The operations: method and path.</summary>
    public static IEnumerable<string> Operations =>
        Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));

    /// <returns>What differs from the document; null when nothing does, or when it has no word on this path and method.</returns>
    public static string? FaultOf(HttpMethod method, string target, Answer answer)
    {
        if (Find(target.Split('?')[0].TrimEnd('/').Split('/'))?[method.Method.ToLowerInvariant()] is not JsonObject operation)
            return null;

        // What is said before any path is looked at: the wrong host.
        if (answer.Status == 400 && answer.Body.Contains("host_not_allowed"))
            return null;
        if (operation["responses"]![answer.Status.ToString()] is not { } documented)
            return $"{method} {target} answers {answer.Status}, which the OpenAPI document does not know: {answer.Body}";
        var response = Schema.Resolve(Document, documented);
        if (answer.Body.Length == 0)
            return null;
        var type = answer.Headers.GetValueOrDefault("Content-Type", "").Split(';')[0];
        if (response["content"]?[type]?["schema"] is not { } schema)
            return $"{method} {target} answers {answer.Status} with {type}, which the OpenAPI document does not know";
        if (type == "text/plain")
            return null;
        return Schema.FaultOf(Document, schema, JsonNode.Parse(answer.Body), "body") is { } fault ? $"{method} {target} answers {answer.Status}: {fault}" : null;
    }

    // A literal segment goes before a name in braces, as in routing.
    private static JsonObject? Find(string[] path) => Paths
        .Where(p => p.Segments.Length == path.Length && p.Segments.Zip(path).All(s => s.First.StartsWith('{') || s.First == s.Second))
        .OrderBy(p => p.Segments.Count(s => s.StartsWith('{')))
        .Select(p => p.Methods)
        .FirstOrDefault();
}
