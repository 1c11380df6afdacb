using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Models;
using OrleansCrm.Server.Simulation;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Models;

public sealed class SegmentFitTests
{
    private const int Customers = 700;

    private static readonly PurchaseModel Regulars = new(2.0, 8.0, 0.5, 4.0);

    [Fact]
    public async Task Segment_that_buys_otherwise_gets_its_own_parameters_and_every_other_is_told_why_not()
    {
        using var trial = await TwoKindsOfCustomersAsync();
        await using (var server = await TestServer.StartAsync(trial.Data))
        {
            await PublishAsync(server, """
                {"segments":{"pro":{"when":{"field":"traits.plan","is":"pro"}},"again":{"when":{"segment":"pro"}},"big":{"when":{"field":"orders","atLeast":3}},
                "dear":{"when":{"all":[{"segment":"pro"},{"field":"clv","above":100}]}},"rare":{"when":{"field":"traits.plan","is":"gold"}}}}
                """);
            var everybody = await FitAsync(server, "{}");
            Assert.Empty(everybody.Json["segments"].EnumerateArray());
            Assert.Equal(400, (await server.PostAsync("/v1/models/fit", """{"segmentCustomersMin":299}""", TestServer.ApiKey)).Status);

            var fit = await FitAsync(server, """{"bySegment":true,"segmentCustomersMin":400,"publish":true}""");

            // In the order of the names, and the first that gets its own takes the customers.
            Assert.Equal(
                ["again:", "big:chosen_by_purchases", "dear:follows_from_model", "pro:too_little_history", "rare:too_little_history"],
                fit.Json["segments"].EnumerateArray().Select(s => s.GetProperty("segment").GetString() + ":" + s.GetProperty("reason").GetString()));
            var pro = fit.Json["segments"][0];
            Assert.Equal((true, Customers), (pro.GetProperty("used").GetBoolean(), pro.GetProperty("customers").GetInt32()));
            Assert.True(pro.GetProperty("logLikelihood").GetDouble() > pro.GetProperty("logLikelihoodOfAll").GetDouble() + 50);
            Assert.Equal(Customers, pro.GetProperty("goodnessOfFit").EnumerateArray().Sum(r => r.GetProperty("actual").GetInt32()));
            AssertNear(pro, "r", Regulars.R);
            AssertNear(pro, "alphaWeeks", Regulars.Alpha);
            Assert.Contains("clv", fit.Json["segments"][2].GetProperty("detail").GetString(), StringComparison.Ordinal);

            var own = Assert.Single((await server.GetAsync("/v1/program")).Json["churn"].GetProperty("bySegment").EnumerateArray());
            Assert.Equal("again", own.GetProperty("segment").GetString());
            Assert.Equal(pro.GetProperty("parameters")[0].GetProperty("value").GetDouble(), own.GetProperty("model").GetProperty("r").GetDouble());
            Assert.Equal(("again", ""), (await SegmentOfAsync(server, "s6-c000001"), await SegmentOfAsync(server, "s5-c000001")));

            // Who leaves the segment goes by everybody's parameters from that answer on.
            await server.IngestAsync("""{"type":"identify","userId":"s6-c000001","traits":{"plan":null}}""");
            Assert.Equal("", await SegmentOfAsync(server, "s6-c000001"));

            await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
            var again = await FitAsync(server, """{"segmentCustomersMin":400,"publish":true}""");
            Assert.Equal(("again", Customers - 1), (again.Json["segments"][0].GetProperty("segment").GetString(), again.Json["segments"][0].GetProperty("customers").GetInt32()));
            var plain = await FitAsync(server, """{"bySegment":false,"publish":true}""");
            Assert.Empty(plain.Json["churn"].GetProperty("bySegment").EnumerateArray());
            Assert.Equal("", await SegmentOfAsync(server, "s6-c000002"));
        }

        var (code, output) = await trial.VerifyAsync();
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Segment_that_buys_like_everybody_keeps_everybodys_parameters()
    {
        using var trial = await ImportAsync(Simulated(5, PurchaseModel.Cdnow), Enumerable.Range(0, Customers / 2).Select(i => $"s5-c{2 * i:000000}"));
        await using var server = await TestServer.StartAsync(trial.Data);
        await PublishAsync(server, """{"segments":{"coin":{"when":{"field":"traits.plan","is":"pro"}}}}""");

        var fit = await FitAsync(server, """{"bySegment":true,"segmentCustomersMin":300}""");

        var coin = Assert.Single(fit.Json["segments"].EnumerateArray());
        Assert.Equal(("no_better", false, Customers / 2), (coin.GetProperty("reason").GetString(), coin.GetProperty("used").GetBoolean(), coin.GetProperty("customers").GetInt32()));
        Assert.InRange(coin.GetProperty("logLikelihood").GetDouble() - coin.GetProperty("logLikelihoodOfAll").GetDouble(), 0, 4);
    }

    private static async Task<Trial> TwoKindsOfCustomersAsync() => await ImportAsync(
        [.. Simulated(5, PurchaseModel.Cdnow), .. Simulated(6, Regulars)], Enumerable.Range(0, Customers).Select(i => $"s6-c{i:000000}"));

    /// <param name="pro">Who have the trait.</param>
    private static async Task<Trial> ImportAsync(byte[] events, IEnumerable<string> pro)
    {
        var trial = new Trial();
        var traits = string.Concat(pro.Select(id =>
            $$$"""{"type":"identify","userId":"{{{id}}}","messageId":"plan-{{{id}}}","timestamp":"2024-06-01T00:00:00Z","traits":{"plan":"pro"}}""" + "\n"));
        using var file = new TempFile([.. Encoding.UTF8.GetBytes(traits), .. events]);
        var (code, output) = await trial.ImportAsync(file, ImportFormat.Events);
        Assert.True(code == 0, output);
        return trial;
    }

    private static byte[] Simulated(ulong seed, PurchaseModel model)
    {
        using var content = new MemoryStream();
        var options = new SimulateOptions { Customers = Customers, Days = 365, Seed = seed, Model = model };
        SimulatedHistory.Draw(options, new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()).Write(content);
        return content.ToArray();
    }

    private static async Task PublishAsync(TestServer server, string program)
    {
        var answer = await server.SendAsync(HttpMethod.Put, "/v1/program", TestServer.ApiKey, program);
        Assert.True(answer.Status == 200, answer.Body);
    }

    private static async Task<Answer> FitAsync(TestServer server, string body)
    {
        var fit = await server.PostAsync("/v1/models/fit", body, TestServer.ApiKey);
        Assert.True(fit.Status == 200, fit.Body);
        return fit;
    }

    private static async Task<string> SegmentOfAsync(TestServer server, string customer) =>
        (await server.GetAsync("/v1/customers/" + customer)).Json["churn"].TryGetProperty("segment", out var segment) ? segment.GetString()! : "";

    private static void AssertNear(JsonElement segment, string parameter, double truth)
    {
        var found = segment.GetProperty("parameters").EnumerateArray().Single(p => p.GetProperty("name").GetString() == parameter);
        var error = found.GetProperty("standardError").GetDouble();
        Assert.InRange(found.GetProperty("value").GetDouble(), truth - 4 * error, truth + 4 * error);
    }
}
