using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Pages;

/// <summary>A server in a process of its own, to be killed, and a browser with several agents at their screens, for all tests of a class.</summary>
public sealed class AgentDesk : IAsyncLifetime
{
    private const string Password = "a long enough password";

    private readonly string _data = Directory.CreateTempSubdirectory("orleanscrm-desk-").FullName;
    private readonly int _port = ServerProcess.FreePort();
    private ServerProcess? _server;
    private AgentScreens? _screens;

    public async Task InitializeAsync()
    {
        // Where the tests are skipped nothing is needed.
        if (NeedsFactAttribute.Find("chromium") is not null && NeedsFactAttribute.Find("node") is not null)
            _server = await ServerProcess.StartAsync(_data, _port);
    }

    public async Task DisposeAsync()
    {
        if (_screens is not null)
            await _screens.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>Makes an agent and signs them in on a screen of their own.</summary>
    internal async Task<AgentScreen> SignInAsync(string name, string role = "agent")
    {
        var email = $"{name}-{Guid.NewGuid().ToString("N")[..6]}@shop.example";
        await SendAsync(HttpMethod.Post, "/v1/users", JsonSerializer.Serialize(new { email, password = Password, role }));
        _screens ??= AgentScreens.Start(_server!.Address);
        return await _screens.SignInAsync(email, Password);
    }

    /// <summary>Lets a customer's payment fail, of which agents are told at once.</summary>
    /// <returns>The alert's id.</returns>
    internal async Task<string> RaiseAsync()
    {
        var customer = Events.NewCustomer();
        await SendAsync(HttpMethod.Post, "/v1/batch", $"{{\"batch\":[{Events.Track(customer, customer, "Payment Failed")}]}}", TestKeys.WriteKey);
        return (await SendAsync(HttpMethod.Get, "/v1/customers/" + customer)).GetProperty("openAlerts")[0].GetString()!;
    }

    internal async Task<JsonElement> SendAsync(HttpMethod method, string path, string? body = null, string key = TestKeys.ApiKey)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await _server!.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The access token of the administrator.</summary>
    internal async Task<string> TokenAsync() => (await SendAsync(
        HttpMethod.Post, "/v1/sessions", JsonSerializer.Serialize(new { email = TestKeys.AdminEmail, password = TestKeys.AdminPassword }))).GetProperty("accessToken").GetString()!;

    internal Task<JsonElement> AlertAsync(string id) => SendAsync(HttpMethod.Get, "/v1/alerts/" + id);

    internal Task KillServerAsync() => _server!.KillAsync();

    internal async Task StartServerAsync()
    {
        await _server!.DisposeAsync();
        _server = await ServerProcess.StartAsync(_data, _port);
    }
}
