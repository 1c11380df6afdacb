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
            return next(context);
        });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = SetCaching });
    }

    private static bool IsPage(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        && (!Path.HasExtension(request.Path.Value) || request.Path.StartsWithSegments(Customers))
        && !OwnPaths.Any(path => request.Path.StartsWithSegments(path));

    // The names of assets carry a hash of their content; the page that names them must not be kept.
    private static void SetCaching(StaticFileResponseContext file) =>
        file.Context.Response.Headers.CacheControl =
            file.Context.Request.Path.StartsWithSegments("/assets") ? "public, max-age=31536000, immutable" : "no-cache";
}
