using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>A shop goes on sending with Segment's SDK while the server is replaced time and again, in order: nothing is lost, nothing is there twice.</summary>
public sealed class RollingRestartTests : IDisposable
{
    private const int Restarts = 2;

    /// <summary>More than are sent before a test gives up waiting: the shop is never done before the servers are.</summary>
    private const int EventsMax = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _data = Directory.CreateTempSubdirectory("orleanscrm-rolling-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [NodeFact]
    [Trait("Needs", "npm")]
    public Task Segment_sdk_loses_nothing_while_the_server_is_stopped_and_started_again() =>
        ReplaceUnderLoadAsync(["--data", _data], isNewOneFirst: false);

    [NodeFact]
    [Trait("Needs", "npm")]
    public Task Segment_sdk_loses_nothing_while_new_servers_wait_for_the_directory_of_the_old_ones() =>
        ReplaceUnderLoadAsync(["--data", _data], isNewOneFirst: true);

    [NodeFact("postgres")]
    [Trait("Needs", "npm")]
    [Trait("Needs", "postgres")]
    public async Task Segment_sdk_loses_nothing_while_new_servers_wait_for_the_database_of_the_old_ones()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await ReplaceUnderLoadAsync(["--data", _data, "--database", await postgres.CreateDatabaseAsync()], isNewOneFirst: true);
    }

    /// <param name="isNewOneFirst">The new one is started while the old one still serves, and takes over when that has ended.</param>
    private static async Task ReplaceUnderLoadAsync(string[] arguments, bool isNewOneFirst)
    {
        var port = ServerProcess.FreePort();
        var customer = Events.NewCustomer();
        var server = Begin();
        try
        {
            await server.WhenReadyAsync();
            using var client = Process.Start(
                new ProcessStartInfo("node", [Path.Combine(NodeFactAttribute.Folder, "segment-steady.mjs"), server.Address, TestKeys.WriteKey, customer, $"{EventsMax}"])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            try
            {
                var (errors, output) = (client.StandardError.ReadToEndAsync(), client.StandardOutput.ReadToEndAsync());
                var seen = 0;
                for (var restart = 0; restart < Restarts; restart++)
                {
                    seen = await WhenMoreIsThereAsync(server.Address, customer, seen);
                    var old = server;
                    var next = isNewOneFirst ? Begin() : null;
                    await using (old)
                    {
                        Assert.Equal(0, await old.StopAsync());
                        Assert.DoesNotContain(old.Errors.Split('\n'), line => line.Length > 0 && !IsOfBusyMachine(line));
                        server = next ?? Begin();
                    }

                    await server.WhenReadyAsync();
                    Assert.Equal(0, await ReplayedAsync(server));
                }

                await WhenMoreIsThereAsync(server.Address, customer, seen);
                client.StandardInput.Close();
                await client.WaitForExitAsync().WaitAsync(Patience);
                Assert.True(client.ExitCode == 0, await errors);
                var said = JsonDocument.Parse(await output).RootElement;
                Assert.Empty(said.GetProperty("failed").EnumerateArray());
                using var stored = new Stored(server.Address);
                await stored.AssertOnceAsync(customer, [.. Enumerable.Range(0, said.GetProperty("sent").GetInt32()).Select(i => $"{customer}-{i}")]);
            }
            finally
            {
                if (!client.HasExited)
                    client.Kill();
            }
        }
        finally
        {
            await server.DisposeAsync();
        }

        ServerProcess Begin() => ServerProcess.Begin(
            port,
            new() { ["ORLEANSCRM_TAKEOVER_WAIT"] = isNewOneFirst ? "00:05:00" : "00:00:00", ["ORLEANSCRM_SHUTDOWN_TIMEOUT"] = "00:05:00" },
            arguments);
    }

    /// <summary>Whether it is the web server's word that a thread of its own was kept waiting for the processor.</summary>
    private static bool IsOfBusyMachine(string line) =>
        line.Contains("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal) && line.Contains("heartbeat", StringComparison.Ordinal);

    /// <summary>So that every server that is stopped was in the midst of its work.</summary>
    private static async Task<int> WhenMoreIsThereAsync(string address, string customer, int seen)
    {
        using var stored = new Stored(address);
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await stored.MessagesOfAsync(customer) is { } messages && messages.Length > seen)
                return messages.Length;
            await Task.Delay(20, deadline.Token);
        }
    }

    /// <summary>How much a start had to fold again: an orderly stop leaves nothing.</summary>
    private static async Task<int> ReplayedAsync(ServerProcess server)
    {
        var line = Assert.Single(
            (await server.Http.GetStringAsync("/metrics")).Split('\n'), l => l.StartsWith("orleanscrm_replay_entries_total", StringComparison.Ordinal));
        return int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }
}
