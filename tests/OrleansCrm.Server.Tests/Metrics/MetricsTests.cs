using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Metrics;

public sealed class MetricsTests : IAsyncLifetime
{
    private static readonly string[] Months = ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"];

    /// <summary>What was sent, by person: the months with events, and each order's month unless it was taken back.</summary>
    private readonly Dictionary<string, (SortedSet<string> Active, Dictionary<string, (string Month, decimal Paid)?> Orders)> _sent = [];
    private TestServer _server = null!;
    private string _linked = "";

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Numbers_equal_an_independent_count_and_survive_a_restart()
    {
        var random = new Random(11);
        for (var round = 0; round < 6; round++)
        {
            await _server.IngestAsync([.. Enumerable.Range(0, 150).Select(_ => Draw(random))]);
            if (round % 2 == 0)
                await FlushAsync();
        }

        await LinkAsync();
        await AssertNumbersAsync();
        await _server.RestartAsync();
        await AssertNumbersAsync();
        await _server.IngestAsync([.. Enumerable.Range(0, 150).Select(_ => Draw(random))]);
        await AssertNumbersAsync();
    }

    [Fact]
    public async Task Shop_without_customers_has_numbers_too()
    {
        var summary = await _server.GetAsync("/v1/metrics/summary");

        Assert.Equal((200, 0, 0), (summary.Status, summary.Json["customers"].GetInt32(), summary.Json["active"].GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, summary.Json["retention"].ValueKind);
        Assert.Empty((await _server.GetAsync("/v1/metrics/cohorts")).Json["items"].EnumerateArray());
    }

    [Fact]
    public async Task Uplift_compares_those_whom_agents_were_told_of_with_those_drawn_for_control()
    {
        await _server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """{"alerts":{"controlGroup":{"share":0.5,"salt":"spring"}}}""");
        var start = DateTimeOffset.UtcNow.AddDays(-700);
        var events = Enumerable.Range(0, 40).SelectMany(i => Enumerable.Range(0, 3).Select(n => Events.Order("drawn-" + i, $"d{i}-{n}", 50, at: start.AddDays(7 * n))));
        await _server.IngestAsync([.. events]);

        var deadline = DateTime.UtcNow.AddMinutes(3);
        Answer answer;
        do
        {
            Assert.True(DateTime.UtcNow < deadline, "The trials do not end.");
            await FlushAsync();
            answer = await _server.GetAsync("/v1/metrics/uplift");
        }
        while (answer.Json["treated"].GetProperty("customers").GetInt32() + answer.Json["control"].GetProperty("customers").GetInt32() < 40);

        Assert.Equal("spring", answer.Json["controlGroup"].GetProperty("salt").GetString());
        Assert.InRange(answer.Json["control"].GetProperty("customers").GetInt32(), 8, 32);
        Assert.Equal(0, answer.Json["uplift"].GetProperty("returnRate").GetProperty("value").GetDouble());
        Assert.True(answer.Json["uplift"].GetProperty("returnRate").GetProperty("high").GetDouble() > 0.05);
    }

    [Fact]
    public async Task Liability_in_money_leaves_out_what_will_never_be_asked_for()
    {
        await _server.IngestAsync([.. Enumerable.Range(0, 4).Select(i => Events.Order("owed-" + i, "p" + i, 1_000, at: DateTimeOffset.UtcNow))]);
        await FlushAsync();
        var unknown = (await _server.GetAsync("/v1/metrics/points")).Json;
        Assert.Equal((4_000, 4_000), (unknown["issued"].GetInt64(), unknown["available"].GetInt64()));
        Assert.Equal("nothing_known", unknown["breakage"].GetProperty("by").GetString());
        Assert.Equal((40m, 40m), (unknown["liability"].GetProperty("atMost").GetDecimal(), unknown["liability"].GetProperty("expected").GetDecimal()));

        var hold = await _server.SendAsync(HttpMethod.Post, "/v1/customers/owed-0/redemptions", TestServer.ApiKey, """{"points":600}""", r => r.Headers.Add("Idempotency-Key", "k"));
        await _server.SendAsync(HttpMethod.Post, $"/v1/customers/owed-0/redemptions/{hold.Json["holdId"].GetString()}/commit", TestServer.ApiKey, "");
        Assert.Equal(200, (await _server.SendAsync(HttpMethod.Delete, "/v1/customers/owed-1", TestServer.ApiKey, "")).Status);
        await FlushAsync();
        var observed = (await _server.GetAsync("/v1/metrics/points")).Json;
        Assert.Equal((4_000, 2_400, 600, 1_000), (
            observed["issued"].GetInt64(), observed["available"].GetInt64(), observed["spent"].GetInt64(), observed["forfeited"].GetInt64()));
        Assert.Equal((0.625m, "observed"), (observed["breakage"].GetProperty("share").GetDecimal(), observed["breakage"].GetProperty("by").GetString()));
        Assert.Equal((24m, 9m), (observed["liability"].GetProperty("atMost").GetDecimal(), observed["liability"].GetProperty("expected").GetDecimal()));

        await _server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, """{"loyalty":{"redemption":{"pointValue":0.02,"breakage":0.25}}}""");
        var named = (await _server.GetAsync("/v1/metrics/points")).Json["liability"];
        Assert.Equal((48m, 36m, 12m), (
            named.GetProperty("atMost").GetDecimal(), named.GetProperty("expected").GetDecimal(), named.GetProperty("expectedBreakage").GetDecimal()));
    }

    [Theory]
    [InlineData("summary?from=soon", "invalid_period")]
    [InlineData("summary?to=2026-13-01", "invalid_period")]
    [InlineData("cohorts?from=2026-03-01&to=2026-02-01", "invalid_period")]
    [InlineData("cohorts?by=moon", "invalid_by")]
    public async Task Question_that_cannot_be_answered_has_its_code(string question, string code)
    {
        var answer = await _server.GetAsync("/v1/metrics/" + question);

        Assert.Equal((400, code), (answer.Status, answer.Code));
    }

    private async Task AssertNumbersAsync()
    {
        await FlushAsync();
        var all = await _server.GetAsync("/v1/metrics/summary?to=2026-03-01");
        var part = await _server.GetAsync("/v1/metrics/summary?from=2025-12-05T10:00:00Z&to=2026-01-20");
        string[] period = ["2025-12", "2026-01"], before = ["2025-10", "2025-11"];
        var active = _sent.Values.Select(s => s.Active.ToArray()).ToArray();
        var bought = _sent.Values.Select(s => s.Orders.Values.OfType<(string Month, decimal Paid)>().Select(o => o.Month).Distinct().Order().ToArray()).ToArray();
        var paid = _sent.Values.SelectMany(s => s.Orders.Values.OfType<(string Month, decimal Paid)>()).Sum(o => o.Paid);
        var orders = _sent.Values.Select(s => s.Orders.Values.Count(o => o is not null)).ToArray();

        Assert.Equal((active.Length, active.Length, active.Length), (Int(all, "customers"), Int(all, "active"), Int(all, "new")));
        Assert.Equal(orders.Sum(), Int(all, "orders"));
        Assert.Equal(paid, all.Json["revenue"].GetProperty("EUR").GetDecimal());
        Assert.Equal(Round((double)orders.Count(o => o > 1) / orders.Count(o => o > 0)), all.Json["repeatPurchase"].GetDouble());
        Assert.Equal(Math.Round(paid / orders.Count(o => o > 0), 2), all.Json["cltv"].GetProperty("amount").GetDecimal());
        Assert.Equal(active.Count(m => m.Intersect(period).Any()), Int(part, "active"));
        Assert.Equal(active.Count(m => period.Contains(m[0])), Int(part, "new"));
        Assert.Equal(bought.Count(m => m.Intersect(period).Any()), Int(part, "buyers"));
        Assert.Equal(bought.Count(m => m.Length > 0 && period.Contains(m[0])), Int(part, "newBuyers"));
        var (kept, had) = (bought.Count(m => m.Intersect(period).Any() && m.Intersect(before).Any()), bought.Count(m => m.Intersect(before).Any()));
        Assert.Equal(Round((double)kept / had), part.Json["retention"].GetDouble());
        Assert.Equal(Round(1 - Round((double)kept / had)), Round(part.Json["churn"].GetDouble()));
        await AssertCohortsAsync("events", active);
        await AssertCohortsAsync("purchases", bought);
    }

    private async Task AssertCohortsAsync(string by, string[][] months)
    {
        var cohorts = (await _server.GetAsync("/v1/metrics/cohorts?to=2026-03-01&by=" + by)).Json["items"].EnumerateArray().ToArray();
        Assert.Equal(months.Where(m => m.Length > 0).Select(m => m[0]).Distinct().Order(), cohorts.Select(c => c.GetProperty("cohort").GetString()));
        foreach (var cohort in cohorts)
        {
            var name = cohort.GetProperty("cohort").GetString()!;
            var members = months.Where(m => m.Length > 0 && m[0] == name).ToArray();
            var expected = Months[Array.IndexOf(Months, name)..].Select(m => members.Count(c => c.Contains(m)));
            var actual = cohort.GetProperty("active").EnumerateArray().Select(a => a.GetInt32()).ToArray();
            Assert.Equal(members.Length, cohort.GetProperty("customers").GetInt32());
            Assert.Equal(expected, actual.Take(Months.Length - Array.IndexOf(Months, name)));
            Assert.All(actual.Skip(Months.Length - Array.IndexOf(Months, name)), a => Assert.Equal(0, a));
        }
    }

    private string Draw(Random random)
    {
        var user = "p" + random.Next(40);
        var month = Months[random.Next(Months.Length)];
        var at = DateTimeOffset.Parse($"{month}-{random.Next(1, 29):00}T{random.Next(24):00}:00:00Z", CultureInfo.InvariantCulture);
        var person = user == _linked ? "p1" : user;
        if (!_sent.TryGetValue(person, out var known))
            _sent.Add(person, known = ([], []));
        known.Active.Add(month);
        var orders = known.Orders.Where(o => o.Value is not null).Select(o => o.Key).ToArray();
        switch (random.Next(4))
        {
            case 0:
                var order = $"{user}-{known.Orders.Count}";
                known.Orders.Add(order, (month, 10 + known.Orders.Count));
                return Events.Order(user, order, 10 + known.Orders.Count - 1, at: at);
            case 1 when orders.Length > 0:
                var gone = orders[random.Next(orders.Length)];
                known.Orders[gone] = null;
                return $$$"""{"type":"track","userId":"{{{user}}}","event":"Order Cancelled","timestamp":"{{{at:o}}}","properties":{"order_id":"{{{gone}}}"}}""";
            default:
                return Events.Track(user, timestamp: at.ToString("o", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Two customers turn out to be one, who has the months of both.</summary>
    private async Task LinkAsync()
    {
        var (x, y) = ("p1", "p2");
        Assert.Equal(200, (await _server.PostAsync($"/v1/customers/{y}/merge", $$"""{"into":"{{x}}"}""", TestServer.ApiKey)).Status);
        _sent[x].Active.UnionWith(_sent[y].Active);
        foreach (var (order, what) in _sent[y].Orders)
            _sent[x].Orders.Add(order, what);
        _sent.Remove(y);
        _linked = y;
    }

    private Task FlushAsync() => _server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();

    private static int Int(Answer answer, string field) => answer.Json[field].GetInt32();

    private static double Round(double value) => Math.Round(value, 6);
}
