using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Verification;
using Spectre.Console;

namespace OrleansCrm.Server.Tests.Import;

/// <summary>A database of its own to import into and to verify, through the verbs themselves.</summary>
internal sealed partial class Trial : IDisposable
{
    public string Data { get; } = Directory.CreateTempSubdirectory("orleanscrm-test-").FullName;

    /// <summary>Wakes that need not wait for a quiet customer: nothing else comes in.</summary>
    public ServerOptions Server => new()
    {
        Data = Data,
        Partition = new PartitionOptions { TickPeriod = TimeSpan.FromMilliseconds(20), WakeQuiet = TimeSpan.Zero },
    };

    public async Task<(int Code, string Output)> ImportAsync(TempFile file, ImportFormat format, Func<ImportOptions, ImportOptions>? change = null)
    {
        var options = new ImportOptions { File = file.Path, Format = format };
        var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output), Interactive = InteractionSupport.No });
        var code = await ImportVerb.RunAsync(change?.Invoke(options) ?? options, Server, console, TimeProvider.System, output, CancellationToken.None);
        return (code, output.ToString());
    }

    public async Task<(int Code, string Output)> VerifyAsync()
    {
        var output = new StringWriter();
        var code = await VerifyVerb.RunAsync(new VerifyOptions { Data = Data }, output, output, CancellationToken.None);
        return (code, output.ToString());
    }

    /// <summary>The digest of a database that is equal to its journal.</summary>
    public async Task<string> DigestAsync()
    {
        var (code, output) = await VerifyAsync();
        Assert.True(code == 0, output);
        return Digest().Match(output).Groups[1].Value;
    }

    /// <summary>Orders and net revenue by customer, as the profile says.</summary>
    public async Task<SortedDictionary<string, (int Orders, decimal Revenue)>> TotalsAsync(IEnumerable<string> customers, string currency)
    {
        await using var engine = await EngineHost.StartAsync(Server, listen: false, CancellationToken.None);
        var partitions = engine.Services.GetRequiredService<IJournal>().Identity.Partitions;
        var totals = new SortedDictionary<string, (int Orders, decimal Revenue)>(StringComparer.Ordinal);
        foreach (var id in customers)
        {
            CustomerKey.TryCreate("default", CustomerKind.User, id, out var key, out _);
            var found = await engine.Services.GetRequiredService<IGrainFactory>().GetGrain<IPartitionGrain>(key.PartitionOf(partitions))
                .LookupAsync(new LookupRequest(key.ToString(), LookupKind.Profile, 0, ""));
            Assert.Equal(LookupStatus.Found, found.Status);
            using var profile = JsonDocument.Parse(found.Body);
            var value = profile.RootElement.GetProperty("value");
            var revenue = value.GetProperty("revenue").TryGetProperty(currency, out var amount) ? amount.GetDecimal() : 0;
            totals.Add(id, (value.GetProperty("orders").GetInt32(), revenue));
        }

        return totals;
    }

    public static long Number(string output, string row) => long.Parse(
        Regex.Match(output, $@"^\s*{Regex.Escape(row)}\s+([\d,]+)\s*$", RegexOptions.Multiline).Groups[1].Value,
        NumberStyles.AllowThousands,
        CultureInfo.InvariantCulture);

    public void Dispose() => Directory.Delete(Data, recursive: true);

    [GeneratedRegex("digest ([0-9a-f]{64})")]
    private static partial Regex Digest();
}
