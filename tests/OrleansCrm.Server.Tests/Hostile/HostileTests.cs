using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Hostile;

/// <summary>
/// Whatever is sent: no answer is a failure of the server, none stays out, and nobody else notices. <c>ORLEANSCRM_HOSTILE_SECONDS</c> lets the
/// last test run longer, <c>ORLEANSCRM_HOSTILE_SEED</c> repeats one; a run that judges a change takes the same as whoever tried it before.
/// </summary>
public sealed partial class HostileTests(HostileFixture fixture) : IClassFixture<HostileFixture>
{
    private const int Workers = 4;

    private readonly TestServer _server = fixture.Server;

    [Fact]
    public async Task Body_that_parsers_stumble_over_is_refused_or_taken()
    {
        var bodies = HostileBodies.All().Select((body, i) => (Path: i % 4 == 3 ? "/v1/track" : "/v1/batch", Body: body));

        await Parallel.ForEachAsync(bodies, Bounded, async (request, _) =>
            AssertFair(
                await fixture.Raw.SendAsync(RawHttp.Request("POST", request.Path, [Key(TestServer.WriteKey)], request.Body)),
                () => $"{request.Path} {Shown(request.Body)}"));

        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Body_that_grows_or_is_not_what_it_says_is_refused()
    {
        foreach (var (encoding, body) in HostileBodies.Compressed())
        {
            var answer = await fixture.Raw.SendAsync(RawHttp.Request("POST", "/v1/batch", [Key(TestServer.WriteKey), ("Content-Encoding", encoding)], body));

            Assert.True(answer.Status is 200 or 400 or 413 or 415 or 431, $"{encoding[..Math.Min(20, encoding.Length)]} {body.Length}: {answer.Status} {answer.Body}");
        }

        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Request_that_is_odd_as_http_ends_with_an_answer_or_the_connection()
    {
        foreach (var (name, request) in HostileRequests.Raw(TestServer.WriteKey))
            AssertFair(await fixture.Raw.SendAsync(request, hangUp: true), () => name);

        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Sender_who_falls_asleep_is_let_go()
    {
        var head = $"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TestServer.WriteKey}\r\n";
        string[] requests = [head + "Content-Length: 100\r\n\r\n{\"batch\":[", head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"bat"];

        var answers = await Task.WhenAll(requests.Select(r => fixture.Raw.SendAsync(Encoding.Latin1.GetBytes(r))));

        Assert.All(answers, answer => Assert.True(answer.IsFair && answer.Status is 0 or 400 or 408, answer.ToString()));
        await fixture.AssertUnharmedAsync();
    }

    [Fact]
    public async Task No_endpoint_fails_on_seeded_nonsense()
    {
        var seed = Setting("ORLEANSCRM_HOSTILE_SEED") ?? (Environment.GetEnvironmentVariable("CI") is null or "" ? Environment.TickCount : 1);
        var seconds = Setting("ORLEANSCRM_HOSTILE_SECONDS") ?? 12;
        var routes = Routes();
        Assert.True(routes.Length > 20, $"only {routes.Length} routes were found");
        var started = Stopwatch.StartNew();
        var counts = new ConcurrentDictionary<int, int>();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            for (var i = worker; started.Elapsed.TotalSeconds < seconds || i <= routes.Length + Workers; i += Workers)
            {
                var request = Nonsense(new Random(unchecked(seed + i)), routes[i % routes.Length]);
                var answer = await fixture.Raw.SendAsync(request);
                AssertFair(answer, () => $"seed {unchecked(seed + i)}, route {routes[i % routes.Length]}: {Shown(request)}");
                counts.AddOrUpdate(answer.Status, 1, (_, n) => n + 1);
            }
        }));

        await fixture.AssertUnharmedAsync();
        Assert.True(counts.Values.Sum() > routes.Length, $"only {counts.Values.Sum()} requests in {seconds} s");
        Assert.Contains(200, counts.Keys);
    }

    private static ParallelOptions Bounded => new() { MaxDegreeOfParallelism = Workers };

    private (string Method, string Path)[] Routes() =>
    [
        .. _server.Engine.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]).Select(m => (m, e.RoutePattern.RawText ?? "/")))
            .Distinct().Order(),
    ];

    private byte[] Nonsense(Random random, (string Method, string Path) route)
    {
        var path = Parameter().Replace(route.Path, _ => Pick(random, HostileRequests.PathParts));
        if (!path.StartsWith('/'))
            path = "/" + path;
        if (random.Next(4) == 0)
            path += Pick(random, HostileRequests.Queries);
        path = path.Replace(" ", "%20", StringComparison.Ordinal);
        var headers = new List<(string, string)>();
        var key = random.Next(8) switch
        {
            0 => null,
            1 => "nonsense",
            2 => fixture.Token,
            < 6 => TestServer.ApiKey,
            _ => TestServer.WriteKey,
        };
        if (key is not null)
            headers.Add(Key(key));
        if (random.Next(6) == 0)
            headers.Add((Pick(random, ["Content-Encoding", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "X-Strict-Mode", "Origin", "Accept", "Range", "Cookie"]),
                Pick(random, ["gzip", "application/json", "\"1\"", "*", "W/\"x", "1", new string('k', 500), "bytes=0-0", "é", "null"])));
        return RawHttp.Request(random.Next(40) == 0 ? "PATCH" : route.Method, path, headers, Body(random));
    }

    private static byte[] Body(Random random)
    {
        var text = random.Next(3) switch
        {
            0 => Object(random, 0),
            1 => $"{{\"batch\":[{Object(random, 1)},{Event(random)}]}}",
            _ => Event(random),
        };
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var flips = random.Next(4) == 0 ? random.Next(1, 6) : 0; flips > 0 && bytes.Length > 0; flips--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(10) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes;
    }

    private static string Event(Random random) =>
        $"{{\"type\":\"{Pick(random, ["track", "identify", "page", "group", "alias"])}\",\"event\":\"{Pick(random, ["Order Completed", "Order Refunded", "Survey Answered", "Consent Changed", "X"])}\","
        + $"\"userId\":\"hostile-{random.Next(20)}\",\"messageId\":\"m{random.Next(1_000)}\",\"properties\":{Object(random, 1)},\"traits\":{Object(random, 1)},\"context\":{Object(random, 2)}}}";

    private static string Object(Random random, int depth) =>
        "{" + string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => $"\"{Pick(random, HostileBodies.Names)}\":{Value(random, depth + 1)}")) + "}";

    private static string Value(Random random, int depth) => random.Next(6) switch
    {
        0 when depth < 5 => Object(random, depth),
        1 when depth < 5 => $"[{Object(random, depth)},{Value(random, depth + 1)}]",
        2 => "\"text\"",
        3 => random.Next(-1_000, 1_000).ToString(CultureInfo.InvariantCulture),
        _ => Pick(random, HostileBodies.Values),
    };

    private static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static (string, string) Key(string key) => ("Authorization", "Bearer " + key);

    private static void AssertFair(RawAnswer answer, Func<string> request) =>
        Assert.True(answer.IsFair, $"{(answer.IsHung ? "hung" : answer.Status)} {answer.Body} for {request()}");

    private static string Shown(byte[] bytes) => Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(2_000, bytes.Length)));

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
