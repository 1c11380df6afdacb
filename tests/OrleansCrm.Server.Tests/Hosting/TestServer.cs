using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.OpenApi;

namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>The real engine in this process: real HTTP on a free port, real SQLite in a directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public const string WriteKey = TestKeys.WriteKey;
    public const string ApiKey = TestKeys.ApiKey;
    public const string AdminEmail = TestKeys.AdminEmail;
    public const string AdminPassword = TestKeys.AdminPassword;

    private readonly Action<ServerOptions>? _configure;
    private readonly Action<IServiceCollection>? _services;
    private readonly bool _ownsDirectory;

    private TestServer(string? directory, Action<ServerOptions>? configure, Action<IServiceCollection>? services)
    {
        _configure = configure;
        _services = services;
        _ownsDirectory = directory is null;
        Data = directory ?? Directory.CreateTempSubdirectory("orleanscrm-test-").FullName;
    }

    public string Data { get; }

    public EngineHost Engine { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public string Address => Engine.Addresses[0];

    public static async Task<TestServer> StartAsync(
        string? directory = null, Action<ServerOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var server = new TestServer(directory, configure, services);
        await server.StartEngineAsync();
        return server;
    }

    /// <summary>Stops in order and starts again on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopEngineAsync();
        await StartEngineAsync();
    }

    /// <summary>Stops in order and leaves the data, which somebody else may open now.</summary>
    public Task DisposeEngineAsync() => StopEngineAsync();

    /// <summary>Starts again what was stopped.</summary>
    public Task RestartEngineAsync() => StartEngineAsync();

    public async ValueTask DisposeAsync()
    {
        await StopEngineAsync();
        if (_ownsDirectory)
            Directory.Delete(Data, recursive: true);
    }

    /// <summary>Sends a request; a body is JSON text, a key the bearer token.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string? key = null, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        change?.Invoke(request);
        using var response = await Http.SendAsync(request);
        var answer = new Answer(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase));
        Assert.Null(Contract.FaultOf(method, path, answer));
        return answer;
    }

    public Task<Answer> GetAsync(string path, string? key = ApiKey) => SendAsync(HttpMethod.Get, path, key);

    public Task<Answer> PostAsync(string path, string body, string? key) => SendAsync(HttpMethod.Post, path, key, body);

    /// <summary>A whole list, page after page.</summary>
    /// <param name="path">With a <c>limit</c>, which every page keeps.</param>
    /// <param name="cursor">The parameter that takes a page's <c>next</c>.</param>
    public async Task<JsonElement[]> ListAsync(string path, string cursor, string key = ApiKey)
    {
        var limit = int.Parse(path[(path.IndexOf("limit=", StringComparison.Ordinal) + "limit=".Length)..], System.Globalization.CultureInfo.InvariantCulture);
        var items = new List<JsonElement>();
        for (var (next, query) = ((string?)"", ""); next is not null; query = $"&{cursor}={next}")
        {
            var page = await GetAsync(path + query, key);
            Assert.InRange(page.Json["items"].GetArrayLength(), 0, limit);
            items.AddRange(page.Json["items"].EnumerateArray());
            next = page.Json["next"].GetString();
        }

        return [.. items];
    }

    /// <summary>Sends one event object each in one batch, with the write key.</summary>
    public Task<Answer> IngestAsync(params string[] events) => PostAsync("/v1/batch", $"{{\"batch\":[{string.Join(',', events)}]}}", WriteKey);

    /// <summary>A write key as it stands in pages.</summary>
    public async Task<string> AddBrowserKeyAsync() =>
        (await PostAsync("/v1/keys", """{"kind":"write-browser"}""", ApiKey)).Json["key"].GetString()!;

    public async Task<string> SignInAsync(string email = AdminEmail, string password = AdminPassword)
    {
        var answer = await PostAsync("/v1/sessions", JsonSerializer.Serialize(new { email, password }), null);
        Assert.Equal(200, answer.Status);
        return answer.Json["accessToken"].GetString()!;
    }

    /// <summary>Makes a tenant of its own.</summary>
    /// <returns>Its API key with all scopes.</returns>
    public async Task<string> NewTenantAsync()
    {
        var made = await PostAsync("/v1/tenants", $"{{\"id\":\"t{Guid.NewGuid():N}\"}}", ApiKey);
        Assert.Equal(201, made.Status);
        return made.Json["key"].GetString()!;
    }

    /// <summary>Signs in as the administrator of another tenant.</summary>
    public async Task<string> SignInElsewhereAsync()
    {
        var email = $"{Guid.NewGuid():N}@other.example";
        var body = JsonSerializer.Serialize(new { email, password = AdminPassword, role = "admin" });
        Assert.Equal(201, (await PostAsync("/v1/users", body, await NewTenantAsync())).Status);
        return await SignInAsync(email);
    }

    private async Task StartEngineAsync()
    {
        var options = new ServerOptions
        {
            Data = Data,
            Urls = "http://127.0.0.1:0",
            WriteKey = WriteKey,
            ApiKey = ApiKey,
            AdminEmail = AdminEmail,
            AdminPassword = AdminPassword,
        };
        _configure?.Invoke(options);
        Engine = await EngineHost.StartAsync(options, listen: true, CancellationToken.None, _services);
        await Engine.WhenReadyAsync(CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(2));
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(2) };
    }

    private async Task StopEngineAsync()
    {
        Http.Dispose();
        await Engine.DisposeAsync();
    }
}

/// <summary>An answer that has been read to its end.</summary>
internal sealed record Answer(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The members of the answer's JSON object.</summary>
    public IReadOnlyDictionary<string, JsonElement> Json => Element.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);

    public JsonElement Element => JsonDocument.Parse(Body).RootElement;

    /// <summary>The stable code of a problem; that it is one is asserted.</summary>
    public string Code
    {
        get
        {
            Assert.Equal("application/problem+json", Headers["Content-Type"]);
            Assert.Equal(Status, Json["status"].GetInt32());
            return Json["code"].GetString()!;
        }
    }
}
