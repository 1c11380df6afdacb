using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace OrleansCrm.Server.Http;

/// <summary>
/// The agents' console: built files beside the assembly, and its page for every path that belongs to nothing else. And the page to read and
/// try the API with.
/// </summary>
internal static class ConsoleFiles
{
    private const string Reference = "/reference";

    /// <summary>What follows is what somebody calls a customer: a dot in it begins no file's extension.</summary>
    private const string Customers = "/customers";

    /// <summary>How the build has compressed the files, best first.</summary>
    private static readonly (string Name, string Extension)[] Encodings = [("br", ".br"), ("gzip", ".gz")];

    private static readonly string[] OwnPaths = ["/v1", "/hubs", "/health", "/beacon", "/openapi", "/metrics", "/sourceConfig"];

    public static void UseConsoleFiles(this WebApplication app)
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!File.Exists(Path.Combine(directory, "index.html")))
            return;
        var files = new PhysicalFileProvider(directory);
        app.Use((context, next) =>
        {
            if (context.GetEndpoint() is null && IsPage(context.Request))
                context.Request.Path = context.Request.Path.Equals(Reference) ? "/reference.html" : "/index.html";
            if (context.GetEndpoint() is null && CompressedOf(context.Request, files) is { } path)
                context.Request.Path = path;
            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, ContentTypeProvider = new CompressedTypes(), OnPrepareResponse = SetHeaders });
    }

    /// <summary>The file that the build has compressed as the client can read it, if there is one.</summary>
    private static string? CompressedOf(HttpRequest request, PhysicalFileProvider files) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.AcceptEncoding.Count > 0
            ? Array.Find(Encodings, e => Accepts(request, e.Name) && files.GetFileInfo(request.Path + e.Extension).Exists) is { Extension: { } extension }
                ? request.Path + extension
                : null
            : null;

    private static bool Accepts(HttpRequest request, string encoding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(e => e.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && e.Quality is not 0);

    private static bool IsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && (!Path.HasExtension(request.Path.Value) || request.Path.StartsWithSegments(Customers))
        && !OwnPaths.Any(path => request.Path.StartsWithSegments(path));

    private static void SetHeaders(StaticFileResponseContext file)
    {
        var (headers, path) = (file.Context.Response.Headers, file.Context.Request.Path);

        // The names of assets carry a hash of their content; the page that names them must not be kept.
        headers.CacheControl = path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        if (EncodingOf(path.Value!) is { Name: { } encoding })
            headers.ContentEncoding = encoding;
    }

    private static (string Name, string Extension) EncodingOf(string path) => Array.Find(Encodings, e => path.EndsWith(e.Extension, StringComparison.Ordinal));

    /// <summary>The type of a compressed file is that of what is in it.</summary>
    private sealed class CompressedTypes : IContentTypeProvider
    {
        private readonly FileExtensionContentTypeProvider _types = new();

        public bool TryGetContentType(string subpath, [MaybeNullWhen(false)] out string contentType) =>
            _types.TryGetContentType(EncodingOf(subpath) is { Extension: { } extension } ? subpath[..^extension.Length] : subpath, out contentType);
    }
}
