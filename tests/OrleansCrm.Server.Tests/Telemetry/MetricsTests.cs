using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Telemetry;

public sealed class MetricsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Metrics_are_prometheus_text_and_count_every_step_of_the_path()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Partition.WakeQuiet = TimeSpan.FromMilliseconds(100));
        var user = Events.NewCustomer();
        await server.IngestAsync([.. Events.SilentCustomer(Events.NewCustomer()), Events.Track(user, "m1"), Events.Track(user, "m1"), "{}"]);
        await server.IngestAsync(Events.Track(user, "m1"));
        await server.IngestAsync(Events.Track(user, "m2", "Lamp Rubbed"));
        await server.GetAsync("/v1/customers/" + user);

        // The alert reaches its desk, and a snapshot the database, some time later. What belongs together is counted one after the other.
        string[] steps = ["commit", "apply", "flush", "replay", "outcomes", "desk"];
        var metrics = await UntilAsync(server, m =>
            m["orleanscrm_desk_changes_total"] > 0 && m["orleanscrm_flush_customers_total"] > 0 && m["orleanscrm_outcomes_delivered_total"] > 0
            && m["orleanscrm_wakes_fired_total"] > 0 && steps.All(step => m[$"orleanscrm_{step}_duration_seconds_count"] > 0)
            && m["http_server_request_duration_seconds_count"] >= 4
            && m["orleanscrm_journal_entries_total"] == m["orleanscrm_commit_entries_sum"]);

        Assert.Equal(12, metrics["orleanscrm_ingest_accepted_total"]);
        Assert.Equal(2, metrics["orleanscrm_ingest_duplicate_total"]);
        Assert.Equal(1, metrics["orleanscrm_ingest_rejected_total"]);
        Assert.Equal(1, metrics["orleanscrm_ingest_unknown_events_total"]);
        Assert.Equal(1, metrics["orleanscrm_quarantine_kept_total"]);
        Assert.Equal(15, metrics["orleanscrm_ingest_body_events_sum"]);
        Assert.Equal(3, metrics["orleanscrm_ingest_parse_duration_seconds_count"]);
        Assert.Equal(2, metrics["orleanscrm_dedupe_repeats_total"]);
        Assert.InRange(metrics["orleanscrm_journal_entries_total"], 13, 100);
        Assert.InRange(metrics["orleanscrm_wakes_fired_total"], 1, 50);
        Assert.Equal(1, metrics["orleanscrm_ready"]);
        Assert.True(metrics["orleanscrm_data_free_bytes"] > 0);
        Assert.Superset(
            Enumerable.Range(0, 8).Select(p => $"orleanscrm_partition_lag{{partition=\"{p}\"}}").ToHashSet(), metrics.Series.ToHashSet());
    }

    [Fact]
    public async Task Two_engines_in_one_process_count_apart()
    {
        await using var one = await TestServer.StartAsync();
        await using var two = await TestServer.StartAsync();
        await one.IngestAsync(Events.Track(Events.NewCustomer()));

        Assert.Equal(1, (await ReadAsync(one))["orleanscrm_ingest_accepted_total"]);
        Assert.Equal(0, (await ReadAsync(two))["orleanscrm_ingest_accepted_total"]);
    }

    [Fact]
    public async Task Logs_and_metrics_hold_no_personal_data_and_no_secrets()
    {
        var log = new LogKeeper();
        await using var server = await TestServer.StartAsync(configure: o => o.LogLevel = LogLevel.Trace, services: s => s.AddSingleton<ILoggerProvider>(log));
        var person = "ada-" + Guid.NewGuid().ToString("N");
        var email = person + "@shop.example";
        var agent = "agent-" + Guid.NewGuid().ToString("N") + "@shop.example";
        var password = "a long pass phrase " + Guid.NewGuid().ToString("N");
        Assert.Equal(201, (await server.PostAsync("/v1/users", JsonSerializer.Serialize(new { email = agent, password, role = "agent" }), TestServer.ApiKey)).Status);
        var session = await server.SignInAsync(agent, password);
        await server.IngestAsync(
            [
                .. Events.SilentCustomer(person),
                JsonSerializer.Serialize(new { type = "identify", userId = person, anonymousId = "a" + person, traits = new { email } }),
                Events.Track(person, name: "Wrote to " + email),
                JsonSerializer.Serialize(new { type = "track", @event = "No user " + email }),
                JsonSerializer.Serialize(new { type = "order of " + email, userId = email }),
            ]);
        await server.PostAsync("/v1/t?writeKey=" + TestServer.WriteKey, JsonSerializer.Serialize(new { userId = email, @event = "Product Viewed" }), null);
        var token = (await server.PostAsync($"/v1/customers/{person}/tokens", """{"scopes":["self"],"seconds":60}""", TestServer.ApiKey)).Json["token"].GetString()!;
        await server.GetAsync("/v1/me", token);
        await server.GetAsync($"/v1/customers/{person}?access_token={token}", session);
        await server.GetAsync("/nowhere/" + email, session);
        await server.PostAsync("/v1/sessions", JsonSerializer.Serialize(new { email = agent, password = password + "x" }), null);
        await UntilAsync(server, m => m["orleanscrm_desk_changes_total"] > 0);
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, "/v1/customers/" + person, TestServer.ApiKey)).Status);
        var metrics = (await server.GetAsync("/metrics")).Body;
        await server.DisposeEngineAsync();

        Assert.NotEmpty(log.Lines);
        foreach (var secret in new[] { person, email, agent, password, session, token, TestServer.WriteKey, TestServer.ApiKey, TestServer.AdminEmail })
        {
            Assert.DoesNotContain(secret, metrics, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(log.Lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }

        await server.RestartEngineAsync();
    }

    [Fact]
    public async Task Collector_is_sent_the_same_numbers()
    {
        await using var collector = await Collector.StartAsync();
        await using var server = await TestServer.StartAsync(configure: o =>
        {
            o.Telemetry.Otlp = collector.Address;
            o.Telemetry.OtlpPeriod = TimeSpan.FromSeconds(1);
        });
        await server.IngestAsync(Events.Track(Events.NewCustomer()));

        var body = await collector.FirstAsync("/v1/metrics", "orleanscrm.ingest.accepted").WaitAsync(Patience);

        Assert.Contains("orleanscrm.commit.duration", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counting_can_be_left_out()
    {
        await using var server = await TestServer.StartAsync(configure: o => o.Telemetry.Enabled = false);

        Assert.Equal("", (await server.GetAsync("/metrics")).Body);
    }

    private static async Task<Exposition> ReadAsync(TestServer server) => Exposition.Parse(await TextAsync(server));

    private static async Task<string> TextAsync(TestServer server)
    {
        var answer = await server.GetAsync("/metrics", key: null);
        Assert.Equal((200, "text/plain; version=0.0.4; charset=utf-8"), (answer.Status, answer.Headers["Content-Type"]));
        return answer.Body;
    }

    private static async Task<Exposition> UntilAsync(TestServer server, Func<Exposition, bool> isSo)
    {
        using var over = new CancellationTokenSource(Patience);
        while (true)
        {
            var text = await TextAsync(server);
            var metrics = Exposition.Parse(text);
            if (isSo(metrics))
                return metrics;
            Assert.False(over.IsCancellationRequested, text);
            await Task.Delay(20);
        }
    }

    private sealed class LogKeeper : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
