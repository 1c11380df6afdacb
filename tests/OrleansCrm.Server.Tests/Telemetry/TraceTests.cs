using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansCrm.Grains;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Access;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Telemetry;

public sealed class TraceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task One_trace_leads_from_the_request_over_commit_apply_and_desk_to_the_agents_screen()
    {
        await using var server = await TestServer.StartAsync();
        await using var hub = await HubSocket.ConnectAsync(server.Address, await server.SignInAsync());
        await hub.InvokeAsync("Subscribe", ["default", null]);
        var trace = ActivityTraceId.CreateRandom();
        using var spans = new Spans(trace);

        var answer = await SendAsync(server, Parent(trace), Events.Track(Events.NewCustomer(), name: "Payment Failed"), Events.Track(Events.NewCustomer()));
        await hub.ReadSequenceAsync(1);
        var push = await spans.FirstAsync("push");

        Assert.Equal(200, answer.Status);
        var request = await spans.FirstAsync("Microsoft.AspNetCore.Hosting.HttpRequestIn");
        foreach (var step in new[] { "commit", "apply", "desk" })
            Assert.Equal(request.SpanId, (await spans.FirstAsync(step)).ParentSpanId);
        Assert.Equal((await spans.FirstAsync("desk")).SpanId, push.ParentSpanId);
        Assert.All(spans.All, span => Assert.True(span.StartTimeUtc >= request.StartTimeUtc.AddMilliseconds(-1), span.OperationName));
        Assert.DoesNotContain(spans.All, span => span.TagObjects.Any(tag => tag.Key.Contains("path", StringComparison.Ordinal) || tag.Key.Contains("query", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Only_entries_of_sampled_requests_carry_their_trace_through_the_journal()
    {
        await using var server = await TestServer.StartAsync(configure: LogTraces);
        var (traced, dropped, plain) = (Events.NewCustomer(), Events.NewCustomer(), Events.NewCustomer());
        var trace = ActivityTraceId.CreateRandom();

        await SendAsync(server, Parent(trace), Events.Track(traced), Events.Track(traced));
        await SendAsync(server, Parent(ActivityTraceId.CreateRandom(), sampled: false), Events.Track(dropped));
        await SendAsync(server, null, Events.Track(plain));
        await server.RestartAsync();

        Assert.Equal(2, (await TracesAsync(server, traced)).Count(t => t is not null && t.Contains(trace.ToHexString(), StringComparison.Ordinal)));
        Assert.Null(Assert.Single(await TracesAsync(server, dropped)));
        Assert.Null(Assert.Single(await TracesAsync(server, plain)));
    }

    [Fact]
    public async Task What_is_logged_about_an_entry_belongs_to_its_trace()
    {
        var log = new TraceKeeper();
        await using var server = await TestServer.StartAsync(configure: LogTraces, services: s => s.AddSingleton<ILoggerProvider>(log));
        var user = Events.NewCustomer();
        string Refund(int i) => $$"""{"type":"track","userId":"{{user}}","messageId":"r{{i}}","event":"Order Refunded","properties":{"order_id":"o{{i}}","refund_id":"r{{i}}","amount":1} }""";
        await server.IngestAsync([.. Enumerable.Range(0, 1_000).Select(Refund)]);
        var trace = ActivityTraceId.CreateRandom();

        var refused = await SendAsync(server, Parent(trace), Refund(1_000));

        Assert.Equal("faulted", refused.Json["rejected"][0].GetProperty("code").GetString());
        Assert.Equal(trace, Assert.Single(log.Faults));
    }

    [Fact]
    public async Task Collector_is_sent_the_spans_of_a_traced_request_named_by_its_route()
    {
        await using var collector = await Collector.StartAsync();
        var trace = ActivityTraceId.CreateRandom();
        var user = Events.NewCustomer();
        await using (var server = await TestServer.StartAsync(configure: o => o.Telemetry.Otlp = collector.Address))
        {
            await SendAsync(server, Parent(trace), Events.Track(user));
            await server.SendAsync(HttpMethod.Get, "/v1/customers/" + user, TestServer.ApiKey, null, r => r.Headers.Add("traceparent", Parent(trace)));
        }

        var id = Encoding.Latin1.GetString(Convert.FromHexString(trace.ToHexString()));
        var body = await collector.FirstAsync("/v1/traces", id).WaitAsync(Patience);

        foreach (var name in new[] { "commit", "apply", "POST /v1/batch", "GET /v1/customers/{" })
            Assert.Contains(name, body, StringComparison.Ordinal);
        Assert.DoesNotContain(user, body, StringComparison.Ordinal);
    }

    // Without a collector, spans are made for the lines of a log that shows them.
    private static void LogTraces(ServerOptions options) => options.LogFormat = "json";

    private static string Parent(ActivityTraceId trace, bool sampled = true) => $"00-{trace.ToHexString()}-{ActivitySpanId.CreateRandom().ToHexString()}-0{(sampled ? 1 : 0)}";

    private static Task<Answer> SendAsync(TestServer server, string? parent, params string[] events) => server.SendAsync(
        HttpMethod.Post, "/v1/batch", TestServer.WriteKey, $"{{\"batch\":[{string.Join(',', events)}]}}", request =>
        {
            if (parent is not null)
                request.Headers.Add("traceparent", parent);
        });

    private static async Task<string?[]> TracesAsync(TestServer server, string customer)
    {
        var journal = server.Engine.Services.GetRequiredService<IJournal>();
        var traces = new List<string?>();
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
            traces.AddRange((await journal.ReadAsync(partition, 0, int.MaxValue, CancellationToken.None)).Where(e => e.Customer.EndsWith(customer, StringComparison.Ordinal)).Select(e => e.Trace));
        return [.. traces];
    }

    /// <summary>Keeps the trace in which a fault was logged.</summary>
    private sealed class TraceKeeper : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<ActivityTraceId?> Faults { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("cannot be folded", StringComparison.Ordinal))
                Faults.Enqueue(Activity.Current?.TraceId);
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Listens to one trace, as a collector would; what other tests do is none of it.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans(ActivityTraceId trace)
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name is EngineSpans.SourceName or "Microsoft.AspNetCore",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                    options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData,
                ActivityStopped = span =>
                {
                    if (span.TraceId == trace)
                        All.Enqueue(span);
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<Activity> All { get; } = new();

        public async Task<Activity> FirstAsync(string name)
        {
            using var over = new CancellationTokenSource(Patience);
            while (true)
            {
                if (All.FirstOrDefault(span => span.OperationName == name) is { } found)
                    return found;
                await Task.Delay(10, over.Token);
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
