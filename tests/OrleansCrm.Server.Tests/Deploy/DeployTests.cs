using System.Collections;
using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.CommandLine;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Operations;
using OrleansCrm.Server.Telemetry;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Interop;

namespace OrleansCrm.Server.Tests.Deploy;

/// <summary>What is in <c>deploy/</c> fits the program and the schemas of those who read it.</summary>
public sealed partial class DeployTests
{
    private static readonly string Folder = Find();

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Manifests_and_compose_file_are_valid()
    {
        Assert.StartsWith("valid ", await NodeScript.RunAsync("validate-deploy.mjs", Folder), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_that_is_named_is_one()
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var named = new Hashtable();
            foreach (Match name in Setting().Matches(File.ReadAllText(file)))
                named[Regex.Replace(name.Value, "_FILE$", "")] = "1";

            Assert.Equal([], UnknownSettings.Find(Settings.Read(named, Path.GetTempPath())).Select(unknown => $"{file}: {unknown}"));
        }
    }

    [Fact]
    public async Task Dashboard_and_alert_rules_ask_for_metrics_that_there_are()
    {
        var known = await NamesAsync();
        foreach (var file in new[] { "grafana/orleanscrm.json", "prometheus/alerts.yml" })
        {
            var asked = Metric().Matches(await File.ReadAllTextAsync(Path.Combine(Folder, file))).Select(m => m.Value).Distinct().ToArray();

            Assert.NotEmpty(asked);
            Assert.Equal([], asked.Where(name => !known.Contains(name)));
        }
    }

    [Fact]
    public void Panels_of_the_dashboard_have_names_and_places_of_their_own()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "grafana/orleanscrm.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();
        var places = panels.Select(p => p.GetProperty("gridPos")).Select(g => (g.GetProperty("x").GetInt32(), g.GetProperty("y").GetInt32())).ToArray();

        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("title").GetString()).Distinct().Count());
        Assert.Equal(panels.Length, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(panels.Length, places.Distinct().Count());
    }

    [Fact]
    public void Image_runs_without_rights_and_asks_for_its_own_health()
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));

        Assert.InRange(lines.Count(l => l.StartsWith("FROM ", StringComparison.Ordinal)), 2, 9);
        Assert.Contains("USER $APP_UID", lines);
        Assert.Contains(lines, l => l.StartsWith("HEALTHCHECK ", StringComparison.Ordinal) && l.EndsWith("\"health\"]", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.StartsWith("ADD ", StringComparison.Ordinal));
    }

    /// <summary>As Prometheus names them, with what histograms are made of.</summary>
    private static async Task<HashSet<string>> NamesAsync()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            var type = instrument.GetType().Name;
            var name = PrometheusText.NameOf(instrument.Name, instrument.Unit ?? "", type.Contains("Counter", StringComparison.Ordinal) && !type.Contains("UpDown", StringComparison.Ordinal));
            lock (names)
            {
                foreach (var part in type.StartsWith("Histogram", StringComparison.Ordinal) ? new[] { "_bucket", "_sum", "_count" } : [""])
                    names.Add(name + part);
            }
        };
        listener.Start();
        await using var server = await TestServer.StartAsync();
        server.Engine.Services.GetRequiredService<PushMeter>();
        server.Engine.Services.GetRequiredService<BodyMeter>();
        server.Engine.Services.GetRequiredService<IngestPipeline>();
        await server.GetAsync("/health/live", null);
        return names;
    }

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansCrm.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root is not above the tests.");
        return Path.Combine(folder, "deploy");
    }

    [GeneratedRegex(@"\bORLEANSCRM_[A-Z_]*[A-Z]")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\b(orleanscrm|http_server|dotnet)_[a-z_]+[a-z]")]
    private static partial Regex Metric();
}
