using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Hosting;

/// <summary>The program as it is built, killed under load. What was acknowledged counts once, and so does what was not and comes again.</summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 10;
    private const int Senders = 6;
    private const int OrdersPerBatch = 5;
    private const int CustomersPerSender = 20;

    private readonly string _data = Directory.CreateTempSubdirectory("orleanscrm-kill-").FullName;
    private readonly ConcurrentQueue<Batch> _acknowledged = new();
    private readonly ConcurrentQueue<Batch> _unknown = new();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Whatever_was_acknowledged_counts_once_over_ten_kills()
    {
        var port = ServerProcess.FreePort();
        var random = new Random(20261121);
        var number = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var server = await ServerProcess.StartAsync(_data, port);
            var acknowledged = _acknowledged.Count;
            using var stop = new CancellationTokenSource();
            var sending = Enumerable.Range(0, Senders).Select(s => SendAsync(server.Http, s, () => Interlocked.Increment(ref number), stop.Token)).ToArray();

            // In the midst of it: some answers have been given, and requests are under way.
            var target = acknowledged + random.Next(20, 200);
            await UntilAsync(() => _acknowledged.Count >= target);
            await server.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(sending);
        }

        await using var last = await ServerProcess.StartAsync(_data, port);
        Assert.NotEmpty(_unknown);
        await AssertCountedAsync(last.Http, atLeast: Points(_acknowledged), atMost: Points(_acknowledged.Concat(_unknown)));

        // A client that got no answer sends again; one that did may, too.
        var (accepted, duplicate) = (0, 0);
        foreach (var batch in _acknowledged)
            duplicate += (await PostAsync(last.Http, batch.Body))!.Value.Duplicate;
        Assert.Equal(_acknowledged.Count * OrdersPerBatch, duplicate);
        foreach (var batch in _unknown)
            accepted += (await PostAsync(last.Http, batch.Body))!.Value.Accepted;
        Assert.InRange(accepted, 0, _unknown.Count * OrdersPerBatch);
        var all = Points(_acknowledged.Concat(_unknown));
        await AssertCountedAsync(last.Http, atLeast: all, atMost: all);

        Assert.Equal(0, await last.StopAsync());
    }

    private async Task SendAsync(HttpClient http, int sender, Func<int> next, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var orders = Enumerable.Range(0, OrdersPerBatch).Select(_ => next()).Select(n => (Customer: $"k-{sender}-{n % CustomersPerSender}", Number: n)).ToArray();
            var body = $"{{\"batch\":[{string.Join(',', orders.Select(o => Events.Order(o.Customer, $"order-{o.Number}", 3)))}]}}";
            var batch = new Batch(body, [.. orders.Select(o => o.Customer)]);
            if (await PostAsync(http, body) is { } answer)
            {
                Assert.Equal(OrdersPerBatch, answer.Accepted + answer.Duplicate);
                _acknowledged.Enqueue(batch);
            }
            else
            {
                _unknown.Enqueue(batch);
                return;
            }
        }
    }

    /// <returns>Null when there was no answer that says it was done.</returns>
    private static async Task<(int Accepted, int Duplicate)?> PostAsync(HttpClient http, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/batch") { Content = new StringContent(body) };
        request.Headers.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(TestServer.WriteKey + ":")));
        try
        {
            using var response = await http.SendAsync(request);
            if ((int)response.StatusCode is 429 or 503)
                return null;
            Assert.Equal(200, (int)response.StatusCode);
            var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            return (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("duplicate").GetInt32());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Dictionary<string, int> Points(IEnumerable<Batch> batches) =>
        batches.SelectMany(b => b.Customers).GroupBy(c => c).ToDictionary(g => g.Key, g => g.Count());

    private static async Task AssertCountedAsync(HttpClient http, Dictionary<string, int> atLeast, Dictionary<string, int> atMost)
    {
        foreach (var (customer, most) in atMost)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/customers/" + customer);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestServer.ApiKey);
            using var response = await http.SendAsync(request);
            var least = atLeast.GetValueOrDefault(customer);
            if ((int)response.StatusCode == 404 && least == 0)
                continue;
            Assert.Equal(200, (int)response.StatusCode);
            var profile = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            var orders = profile.GetProperty("value").GetProperty("orders").GetInt32();
            Assert.InRange(orders, least, most);
            Assert.Equal(orders, profile.GetProperty("events").GetInt32());
            Assert.Equal(3 * orders, profile.GetProperty("loyalty").GetProperty("balance").GetInt32());
            Assert.Equal(3m * orders, profile.GetProperty("value").GetProperty("revenue").GetProperty("EUR").GetDecimal());
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "Too little was acknowledged within a minute.");
            await Task.Delay(5);
        }
    }

    private sealed record Batch(string Body, string[] Customers);
}
