using System.Globalization;
using OrleansCrm.Server.Ingest.Limits;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>Who is told to come later, and who is not.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Key_that_has_sent_too_much_is_told_when_to_come_back_and_other_keys_go_on()
    {
        await using var server = await StartAsync(limits => (limits.BrowserEventsPerSecond, limits.BrowserEventsBurst) = (1, 3));
        var (key, other) = (await server.AddBrowserKeyAsync(), await server.AddBrowserKeyAsync());
        var batch = Batch("a", 60);

        var first = await server.PostAsync("/v1/batch", batch, key);
        var second = await server.PostAsync("/v1/batch", batch, key);

        Assert.Equal((200, "\"key\";q=3;w=3"), (first.Status, first.Headers["RateLimit-Policy"]));
        Assert.StartsWith("\"key\";r=0;t=", first.Headers["RateLimit"]);
        Assert.Equal((429, "rate_limited"), (second.Status, second.Code));
        Assert.InRange(int.Parse(second.Headers["Retry-After"], NumberStyles.None, CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(200, (await server.PostAsync("/v1/batch", batch, other)).Status);
        Assert.Equal(200, (await server.PostAsync("/v1/batch", batch, TestServer.WriteKey)).Status);
    }

    [Fact]
    public async Task Bot_alone_in_its_requests_is_told_to_come_later_and_others_are_not()
    {
        await using var server = await StartAsync(limits => (limits.CustomerEventsPerSecond, limits.CustomerEventsBurst) = (1, 10));

        Assert.Equal(200, (await server.PostAsync("/v1/batch", Batch("bot", 30), TestServer.WriteKey)).Status);
        var told = await server.PostAsync("/v1/batch", Batch("bot", 1), TestServer.WriteKey);

        Assert.Equal((429, "customer_rate_limited"), (told.Status, told.Code));
        Assert.InRange(int.Parse(told.Headers["Retry-After"], NumberStyles.None, CultureInfo.InvariantCulture), 1, 30);
        Assert.Equal(200, (await server.PostAsync("/v1/batch", Batch("ada", 1), TestServer.WriteKey)).Status);
    }

    [Fact]
    public async Task Bot_among_others_is_refused_item_by_item_and_holds_nobody_up()
    {
        await using var server = await StartAsync(limits => (limits.CustomerEventsPerSecond, limits.CustomerEventsBurst) = (1, 10));
        await server.PostAsync("/v1/batch", Batch("bot", 30), TestServer.WriteKey);

        var answer = await server.IngestAsync(Events.Track("ada", "1"), Events.Track("bot", "more"), Events.Track("eve", "1"));

        Assert.Equal((200, 2), (answer.Status, answer.Json["accepted"].GetInt32()));
        var rejected = Assert.Single(answer.Json["rejected"].EnumerateArray());
        Assert.Equal((1, "customer_rate_limited"), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task History_is_not_held_back_by_the_limit_of_a_customer()
    {
        await using var server = await StartAsync(limits => (limits.CustomerEventsPerSecond, limits.CustomerEventsBurst) = (1, 1));

        for (var i = 0; i < 3; i++)
            Assert.Equal(200, (await server.PostAsync("/v1/import", Batch("ada", 50, i), TestServer.ApiKey)).Status);
        Assert.Equal(150, (await server.GetAsync("/v1/customers/ada")).Json["events"].GetInt32());
    }

    [Fact]
    public async Task Browser_key_brings_in_so_many_new_customers_and_those_that_are_known_go_on()
    {
        await using var server = await StartAsync(limits => limits.NewCustomersPerHour = 2);
        var key = await server.AddBrowserKeyAsync();
        await server.PostAsync("/v1/batch", Batch("known", 1), TestServer.WriteKey);

        Assert.Equal((200, 200), (await SendAsync("n1"), await SendAsync("n2")));
        var third = await server.PostAsync("/v1/batch", Batch("n3", 1), key);

        Assert.Equal((429, "too_many_customers"), (third.Status, third.Code));
        Assert.True(int.Parse(third.Headers["Retry-After"], NumberStyles.None, CultureInfo.InvariantCulture) > 1_000);
        Assert.Equal((200, 200), (await SendAsync("known"), await SendAsync("n1")));
        Assert.Equal(404, (await server.GetAsync("/v1/customers/n3")).Status);
        Assert.Equal(200, (await server.PostAsync("/v1/batch", Batch("n3", 1), TestServer.WriteKey)).Status);
        Assert.Equal(200, await SendAsync("n3"));

        async Task<int> SendAsync(string customer) => (await server.PostAsync("/v1/batch", Batch(customer, 1), key)).Status;
    }

    [Fact]
    public async Task Without_limits_nothing_is_counted_or_told()
    {
        await using var server = await StartAsync(limits =>
            (limits.Enabled, limits.ServerEventsPerSecond, limits.ServerEventsBurst, limits.CustomerEventsBurst) = (false, 1, 1, 1));

        for (var i = 0; i < 3; i++)
        {
            var answer = await server.PostAsync("/v1/batch", Batch("ada", 10, i), TestServer.WriteKey);
            Assert.Equal(200, answer.Status);
            Assert.False(answer.Headers.ContainsKey("RateLimit"));
        }
    }

    [Fact]
    public void Bucket_gives_its_burst_and_then_its_rate()
    {
        var rate = new Rate(perSecond: 10, burst: 5);
        long fullAt = 0, now = 1_000_000_000_000;
        var taken = 0;
        for (var tenth = 0; tenth < 100; tenth++, now += 100_000_000)
        {
            while (!rate.IsSpent(fullAt, now))
            {
                rate.Take(ref fullAt, now, 1);
                taken++;
            }
        }

        Assert.Equal(5 + 99, taken);
    }

    [Fact]
    public void Debt_of_a_large_request_is_waited_for_in_full()
    {
        var rate = new Rate(perSecond: 10, burst: 5);
        long fullAt = 0, now = 1_000_000_000_000;

        rate.Take(ref fullAt, now, 100);

        Assert.Equal((true, 0, 10), (rate.IsSpent(fullAt, now), rate.Left(fullAt, now), rate.SecondsUntilToken(fullAt, now)));
        Assert.False(rate.IsSpent(fullAt, now + 9_600_000_000));
    }

    [Fact]
    public void Customers_do_not_slow_each_other()
    {
        var limit = new CustomerLimit(new Rate(perSecond: 1, burst: 3));
        for (var i = 0; i < 100; i++)
            limit.Count("bot", 0);

        Assert.True(limit.IsOver("bot", 0));
        Assert.InRange(Enumerable.Range(0, 100_000).Count(i => limit.IsOver("c" + i, 0)), 0, 1);
    }

    private static string Batch(string customer, int events, int run = 0) =>
        $"{{\"batch\":[{string.Join(',', Enumerable.Range(0, events).Select(i => Events.Track(customer, $"{run}-{i}")))}]}}";

    private static Task<TestServer> StartAsync(Action<LimitOptions> limits) => TestServer.StartAsync(configure: options => limits(options.Ingest.Limits));
}
