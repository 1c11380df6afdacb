using System.Text;
using System.Text.Json.Nodes;

namespace OrleansCrm.Server.OpenApi;

/// <summary>
/// The description of the public surface. Written by hand, a file for each room beside this one; what follows from a path or from being
/// closed to strangers is filled in here, so that the files say only what is particular.
/// </summary>
internal sealed class OpenApiDocument
{
    private const string Head = "openapi.json";

    private readonly Lazy<byte[]> _utf8 = new(() => Encoding.UTF8.GetBytes(Build().ToJsonString()));

    public ReadOnlyMemory<byte> Utf8 => _utf8.Value;

    private static JsonObject Build()
    {
        var assembly = typeof(OpenApiDocument).Assembly;
        var prefix = typeof(OpenApiDocument).Namespace + ".";
        var files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToDictionary(name => name[prefix.Length..], name => Read(assembly.GetManifestResourceStream(name)!));
        var document = files[Head];
        foreach (var (name, file) in files)
        {
            if (name == Head)
                continue;
            Move(file["paths"], document["paths"]!.AsObject());
            foreach (var (section, parts) in file["components"]?.AsObject() ?? [])
                Move(parts, Section(document["components"]!.AsObject(), section));
        }

        foreach (var (path, methods) in document["paths"]!.AsObject())
        {
            foreach (var (_, operation) in methods!.AsObject())
                Complete(path, operation!.AsObject());
        }

        return document;
    }

    private static void Complete(string path, JsonObject operation)
    {
        var parameters = operation["parameters"]?.AsArray() ?? [];
        operation["parameters"] ??= parameters;
        foreach (var segment in path.Split('/').Where(s => s.StartsWith('{')))
        {
            var name = segment.Trim('{', '}');
            if (!parameters.Any(p => (string?)p!["name"] == name))
                parameters.Insert(0, new JsonObject { ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } });
        }

        var responses = operation["responses"]!.AsObject();

        // No word on security means the document's: a key, session or token that may be the wrong one. Where another is named, none is.
        if (operation["security"] is null)
            Default(responses, "403", "Forbidden");
        if (operation["security"] is not JsonArray { Count: 0 })
            Default(responses, "401", "Unauthorized");
        if (operation["requestBody"] is not null)
        {
            Default(responses, "400", "BadRequest");
            Default(responses, "413", "TooLarge");
        }

        Default(responses, "503", "Unavailable");
    }

    private static void Default(JsonObject responses, string status, string response) =>
        responses.TryAdd(status, new JsonObject { ["$ref"] = "#/components/responses/" + response });

    private static JsonObject Section(JsonObject parent, string name)
    {
        if (parent[name] is null)
            parent[name] = new JsonObject();
        return parent[name]!.AsObject();
    }

    /// <exception cref="ArgumentException">Two files describe the same thing.</exception>
    private static void Move(JsonNode? from, JsonObject to)
    {
        foreach (var (name, part) in from?.AsObject() ?? [])
            to.Add(name, part!.DeepClone());
    }

    private static JsonObject Read(Stream file)
    {
        using (file)
            return JsonNode.Parse(file)!.AsObject();
    }
}
