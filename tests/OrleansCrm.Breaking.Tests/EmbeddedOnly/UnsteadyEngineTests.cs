using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Breaking.Tests.Load;
using OrleansCrm.EmbeddedSilo;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Verification;
using Xunit.Abstractions;

namespace OrleansCrm.Breaking.Tests.EmbeddedOnly;

/// <summary>
/// The real engine behind real HTTP on SQLite, in this process, because nobody can set the clock of another one or reach into its silo: the
/// clock jumps both ways, activations vanish, calls and answers get lost. (With a second activation of the same grain beside the first, and
/// with a power cut at any step, only the simulation does it.)
/// </summary>
public sealed class UnsteadyEngineTests(ITestOutputHelper output)
{
    private const int RoundsPerKill = 2;
    private const int MomentMs = 200;
    private const double DaySeconds = 86_400;

    [Fact]
    public async Task Jumping_clock_and_vanishing_activations_lose_nothing()
    {
        using var log = new RunLog("unsteady", output);
        var seed = Setting.Seed;
        log.Say($"seed {seed}");
        var random = new Random(seed);
        var tally = new Tally { Databases = 1 };
        var time = new BendableTime();
        var faults = new FaultOptions { Seed = seed };
        var ledger = new Ledger();
        var directory = Directory.CreateTempSubdirectory("orleanscrm-unsteady-");
        var options = new ServerOptions
        {
            Data = Path.Combine(directory.FullName, "data"),
            Urls = "http://127.0.0.1:0",
            WriteKey = TestKeys.WriteKey,
            ApiKey = TestKeys.ApiKey,
        };
        await using (var engine = await EngineHost.StartAsync(options, listen: true, CancellationToken.None, services => services
            .AddSingleton<TimeProvider>(time)
            .Configure<EmbeddedSiloOptions>(silo => silo.Faults = faults)))
        await using (var clients = new Clients(ledger, tally, seed))
        {
            var address = new Uri(engine.Addresses[0]);
            clients.TurnTo(address);
            for (var round = 0; round < Setting.Kills * RoundsPerKill; round++)
                await RunRoundAsync(clients, random, time, faults, tally);

            faults.Crash = faults.LostAnswer = faults.LostCall = 0;
            await clients.SettleAsync();
            using var reckoning = new Reckoning(address, ledger, tally);
            await reckoning.CheckCustomersAsync();
        }

        using var said = new StringWriter();
        Assert.True(await VerifyVerb.RunAsync(new VerifyOptions { Data = options.Data }, said, said, CancellationToken.None) == 0, said.ToString());
        directory.Delete(recursive: true);
        log.Say(tally.ToString());
        Assert.Empty(tally.Mismatches);
    }

    private static async Task RunRoundAsync(Clients clients, Random random, BendableTime time, FaultOptions faults, Tally tally)
    {
        (faults.Crash, faults.LostAnswer, faults.LostCall) = (0.01 * random.NextDouble(), 0.001 * random.NextDouble(), 0.001 * random.NextDouble());
        clients.Load();
        await clients.UntilAcknowledgedAsync("the engine acknowledges");
        if (random.Next(2) == 0)
        {
            time.Jump(TimeSpan.FromSeconds(DaySeconds * (2 * random.NextDouble() - 1)));
            tally.Danger("clock set");
        }

        await Task.Delay(random.Next(MomentMs));
    }
}
