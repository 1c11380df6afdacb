using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Grains;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Models;
using OrleansCrm.Server.Simulation;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Models;

public sealed class FitTests
{
    [Fact]
    public async Task Model_that_customers_were_drawn_from_is_found_again_published_and_in_force()
    {
        using var trial = await ShopAsync(2_000);
        await using (var server = await TestServer.StartAsync(trial.Data))
        {
            var dry = await server.PostAsync("/v1/models/fit", "", TestServer.ApiKey);
            Assert.Equal((200, 1), (dry.Status, await VersionAsync(server)));
            Assert.Equal(JsonValueKind.Null, dry.Json["published"].ValueKind);

            var fit = await server.PostAsync("/v1/models/fit", """{"publish":true}""", TestServer.ApiKey);

            Assert.Equal((200, 2), (fit.Status, fit.Json["published"].GetInt32()));
            var truth = PurchaseModel.Cdnow;
            AssertNear(fit, "r", truth.R);
            AssertNear(fit, "alphaWeeks", truth.Alpha);
            AssertNear(fit, "a", truth.A);
            AssertNear(fit, "b", truth.B);
            Assert.Equal((true, false), (fit.Json["converged"].GetBoolean(), fit.Json["nobodyStops"].GetBoolean()));
            foreach (var row in fit.Json["goodnessOfFit"].EnumerateArray())
                Assert.Equal(row.GetProperty("actual").GetDouble(), row.GetProperty("expected").GetDouble(), 90.0);
            Assert.True(fit.Json["calibration"].GetProperty("brierAfter").GetDouble() <= fit.Json["calibration"].GetProperty("brierBefore").GetDouble() + 1e-6);
            Assert.True(fit.Json["spend"].GetProperty("used").GetBoolean(), fit.Body);
            Assert.Equal(
                fit.Json["spend"].GetProperty("p").GetProperty("value").GetDouble(), fit.Json["churn"].GetProperty("spend").GetProperty("p").GetDouble());
            Assert.StartsWith("<svg", fit.Json["plot"].GetString(), StringComparison.Ordinal);

            var churn = (await server.GetAsync("/v1/program")).Json["churn"];
            Assert.Equal(fit.Json["churn"].GetRawText(), churn.GetRawText());
            Assert.NotEqual(1, churn.GetProperty("calibration").GetProperty("slope").GetDouble());
            var again = await server.PostAsync("/v1/models/fit", """{"publish":true}""", TestServer.ApiKey);
            Assert.Equal(2, again.Json["published"].GetInt32());
        }

        var (code, output) = await trial.VerifyAsync();
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Every_model_can_be_fitted_published_and_lived_with()
    {
        using var trial = await ShopAsync(600);
        await using (var server = await TestServer.StartAsync(trial.Data))
        {
            foreach (var model in FitRequest.Models)
            {
                var fit = await server.PostAsync("/v1/models/fit", $$"""{"model":"{{model}}","publish":true}""", TestServer.ApiKey);
                Assert.True(fit.Status == 200, fit.Body);
                Assert.Equal(model, fit.Json["model"].GetString());
                var profile = (await server.GetAsync("/v1/customers/s5-c000001")).Json["churn"];
                Assert.Equal(model, profile.GetProperty("model").GetString());
                Assert.InRange(profile.GetProperty("risk").GetDouble(), 0, 1);
            }

            Assert.Equal(1 + FitRequest.Models.Length, await VersionAsync(server));
        }

        var (code, output) = await trial.VerifyAsync();
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Too_few_customers_are_refused_in_words()
    {
        await using var server = await TestServer.StartAsync();
        await server.IngestAsync(Events.Order("ada", "o1", 10));

        var refused = await server.PostAsync("/v1/models/fit", "{}", TestServer.ApiKey);

        Assert.Equal((409, "too_little_history"), (refused.Status, refused.Code));
        Assert.Equal("invalid_request", (await server.PostAsync("/v1/models/fit", """{"model":"crystal-ball"}""", TestServer.ApiKey)).Code);
        Assert.Equal("invalid_request", (await server.PostAsync("/v1/models/fit", """{"publish":"yes"}""", TestServer.ApiKey)).Code);
    }

    [Fact]
    public async Task Shop_where_nobody_stops_is_told_so_and_gets_the_plain_model()
    {
        await using var server = await TestServer.StartAsync();

        // Each buys at a pace of its own, and all of them until now.
        await IngestAsync(server, c => Enumerable.Range(0, 120 / GapOf(c)).Select(i => -(c % GapOf(c)) - i * GapOf(c)));

        var fit = await server.PostAsync("/v1/models/fit", """{"publish":true}""", TestServer.ApiKey);

        Assert.True(fit.Status == 200, fit.Body);
        Assert.Equal(("mbg-nbd", "nbd", true), (fit.Json["asked"].GetString(), fit.Json["model"].GetString(), fit.Json["nobodyStops"].GetBoolean()));
        Assert.Equal("nbd", (await server.GetAsync("/v1/program")).Json["churn"].GetProperty("model").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Fit_without_a_maximum_is_shown_and_not_published()
    {
        await using var server = await TestServer.StartAsync();

        // All buy every ten days, like clockwork: no gamma distribution of rates is as narrow as that.
        await IngestAsync(server, _ => Enumerable.Range(0, 6).Select(i => -59 + 10 * i));

        var fit = await server.PostAsync("/v1/models/fit", """{"model":"nbd","publish":true}""", TestServer.ApiKey);

        Assert.Equal((409, "fit_not_converged"), (fit.Status, fit.Code));
        Assert.Equal("fit_not_converged", fit.Json["fit"].GetProperty("refusal").GetString());
        Assert.Equal(1, await VersionAsync(server));
    }

    [Fact]
    public async Task Verb_fits_beside_a_server_and_publishes_without_one()
    {
        using var trial = await ShopAsync(600);
        using var json = new TempFile([]);
        using var svg = new TempFile([]);
        var options = new FitOptions("default", FitRequest.Default, Publish: false, json.Path, svg.Path);
        await using (await TestServer.StartAsync(trial.Data))
        {
            var (beside, output) = await FitAsync(trial, options);
            Assert.True(beside == ExitCodes.Done, output);
            Assert.Contains("alphaWeeks", output, StringComparison.Ordinal);
            var (held, why) = await FitAsync(trial, options with { Publish = true });
            Assert.Equal(ExitCodes.Failed, held);
            Assert.NotEmpty(why);
        }

        Assert.Equal("mbg-nbd", JsonDocument.Parse(await File.ReadAllBytesAsync(json.Path)).RootElement.GetProperty("model").GetString());
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(svg.Path), StringComparison.Ordinal);
        var (published, said) = await FitAsync(trial, options with { Publish = true });
        Assert.True(published == ExitCodes.Done, said);
        Assert.Contains("published as version 2", said, StringComparison.Ordinal);
        var (none, words) = await FitAsync(trial, options with { Tenant = "nobody" });
        Assert.Equal(ExitCodes.Failed, none);
        Assert.Contains("300 customers", words, StringComparison.Ordinal);
    }

    private static int GapOf(int customer) => 6 + 7 * customer % 35;

    /// <summary>Orders of 320 customers, on days counted back from today.</summary>
    private static async Task IngestAsync(TestServer server, Func<int, IEnumerable<int>> daysOf)
    {
        var now = DateTimeOffset.UtcNow.AddMinutes(-1);
        foreach (var page in Enumerable.Range(0, 320).Chunk(40))
        {
            var events = page.SelectMany(c => daysOf(c).Select((day, i) => Events.Order($"c{c}", $"o{c}-{i}", 10, at: now.AddDays(day))));
            Assert.Equal(200, (await server.IngestAsync([.. events])).Status);
        }

        await server.Engine.Services.GetRequiredService<PartitionKeeper>().FlushAsync();
    }

    private static async Task<Trial> ShopAsync(int customers)
    {
        var trial = new Trial();
        using var file = Histories.Simulated(customers);
        var (code, output) = await trial.ImportAsync(file, ImportFormat.Events);
        Assert.True(code == 0, output);
        return trial;
    }

    private static async Task<(int Code, string Output)> FitAsync(Trial trial, FitOptions options)
    {
        var output = new StringWriter();
        var code = await FitCommand.RunAsync(options, trial.Server, output, output, CancellationToken.None);
        return (code, output.ToString());
    }

    private static void AssertNear(Answer fit, string parameter, double truth)
    {
        var found = fit.Json["parameters"].EnumerateArray().Single(p => p.GetProperty("name").GetString() == parameter);
        var error = found.GetProperty("standardError").GetDouble();
        Assert.True(error > 0);
        Assert.InRange(found.GetProperty("value").GetDouble(), truth - 4 * error, truth + 4 * error);
    }

    private static async Task<int> VersionAsync(TestServer server) => (await server.GetAsync("/v1/program")).Json["version"].GetInt32();
}
