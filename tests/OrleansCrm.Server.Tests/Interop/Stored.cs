using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>What the server at an address has stored, whichever process it is.</summary>
internal sealed class Stored(string address) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = new Uri(address),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", TestServer.ApiKey) },
    };

    public void Dispose() => _http.Dispose();

    /// <summary>A write key as it stands in pages.</summary>
    public async Task<string> AddBrowserKeyAsync()
    {
        using var body = new StringContent("""{"kind":"write-browser"}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync("/v1/keys", body);
        return (await ReadAsync(answer.EnsureSuccessStatusCode())).GetProperty("key").GetString()!;
    }

    /// <summary>Ids of the customer's messages; none while the server is away.</summary>
    public async Task<string[]> MessagesOfAsync(string customer)
    {
        try
        {
            var messages = new List<string>();
            for (var (next, query) = ((string?)"", ""); next is not null; query = "&before=" + next)
            {
                using var answer = await _http.GetAsync($"/v1/customers/{customer}/timeline?limit=500" + query);
                if (!answer.IsSuccessStatusCode)
                    return [];
                var page = await ReadAsync(answer);
                messages.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.TryGetProperty("messageId", out var id) ? id.GetString() : null).OfType<string>());
                next = page.GetProperty("next").GetString();
            }

            return [.. messages];
        }
        catch (HttpRequestException)
        {
            return [];
        }
    }

    /// <summary>Each of the messages is there once, and no other unless it may.</summary>
    public async Task AssertOnceAsync(string customer, string[] expected, bool mayHaveMore = false)
    {
        var stored = await MessagesOfAsync(customer);
        Assert.Equal(stored.Distinct().Count(), stored.Length);
        Assert.Empty(expected.Except(stored));
        if (!mayHaveMore)
            Assert.Equal(expected.Length, stored.Length);
        using var answer = await _http.GetAsync("/v1/customers/" + customer);
        Assert.Equal(stored.Length, (await ReadAsync(answer.EnsureSuccessStatusCode())).GetProperty("events").GetInt32());
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
