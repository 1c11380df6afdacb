using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using OrleansCrm.Server.Tests.Alerts;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>A shop's own web server: an origin that is not the engine's. It gives out pages and SDKs, and pages tell it what they have sent.</summary>
internal sealed class ShopPages : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource<string[]> _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ShopPages()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>Message ids of what a page has given to its SDK; fails with what went wrong there.</summary>
    public Task<string[]> Sent => _sent.Task;

    public static async Task<ShopPages> StartAsync()
    {
        var pages = new ShopPages();
        await pages._app.StartAsync();
        return pages;
    }

    public string AddressOf(string page, string api, string key, string customer, int count, bool beacon) =>
        $"{_app.Urls.First()}/{page}?api={Uri.EscapeDataString(api)}&key={Uri.EscapeDataString(key)}&customer={customer}&count={count}&beacon={(beacon ? "true" : "false")}";

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == "/said")
        {
            using var said = await JsonDocument.ParseAsync(context.Request.Body);
            if (said.RootElement.TryGetProperty("ids", out var ids))
                _sent.TrySetResult([.. ids.EnumerateArray().Select(id => id.GetString()!)]);
            else
                _sent.TrySetException(new InvalidOperationException("The page says: " + said.RootElement.GetRawText()));
            return;
        }

        var file = Path.Combine(NodeFactAttribute.Folder, context.Request.Path.Value!.TrimStart('/'));
        if (!File.Exists(file))
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.ContentType = file.EndsWith(".js", StringComparison.Ordinal) ? "text/javascript" : "text/html; charset=utf-8";
        await context.Response.SendFileAsync(file);
    }
}
