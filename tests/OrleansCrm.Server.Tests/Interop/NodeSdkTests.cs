using System.Text.Json;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>The storefront SDKs that shops use, unmodified, against the server as a process: every message is stored once, whatever happens on the way.</summary>
public sealed class NodeSdkTests : IDisposable
{
    private const int Count = 60;

    private static readonly TimeSpan ClientTimeout = TimeSpan.FromMinutes(4);

    private readonly string _data = Directory.CreateTempSubdirectory("orleanscrm-interop-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Segment_sdk_brings_every_message_in_once_through_failures_of_all_kinds()
    {
        await using var server = await ServerProcess.StartAsync(_data, ServerProcess.FreePort());
        await using var proxy = await FaultProxy.StartAsync(
            server.Address, [Fault.Answer500, Fault.CutAfter, Fault.Answer429, Fault.LieAfter, Fault.Answer503, Fault.CutBefore, Fault.Slow]);
        var customer = Events.NewCustomer();

        var failed = await RunAsync("segment-client.mjs", proxy.Address, customer);

        Assert.Empty(failed);
        Assert.True(proxy.Requests > 7, $"the client made {proxy.Requests} requests");
        await AssertStoredOnceAsync(server, customer, Numbered(customer));
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Segment_sdk_brings_every_message_in_once_when_the_server_is_killed_between_accepting_and_answering()
    {
        var port = ServerProcess.FreePort();
        var server = await ServerProcess.StartAsync(_data, port);
        var restarted = new TaskCompletionSource<ServerProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await FaultProxy.StartAsync(server.Address, [Fault.Pass, Fault.Kill], async () =>
        {
            await server.DisposeAsync();
            restarted.SetResult(await ServerProcess.StartAsync(_data, port));
        });
        var customer = Events.NewCustomer();

        var failed = await RunAsync("segment-client.mjs", proxy.Address, customer);

        Assert.Empty(failed);
        await using var second = await restarted.Task.WaitAsync(ClientTimeout);
        await AssertStoredOnceAsync(second, customer, Numbered(customer));
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Rudderstack_sdk_brings_every_message_in_once_through_failures_that_it_has_patience_for()
    {
        await using var server = await ServerProcess.StartAsync(_data, ServerProcess.FreePort());
        await using var proxy = await FaultProxy.StartAsync(
            server.Address, [Fault.Answer500, Fault.CutAfter, Fault.Pass, Fault.Answer429, Fault.LieAfter, Fault.Pass, Fault.Answer503, Fault.CutBefore, Fault.Slow]);
        var customer = Events.NewCustomer();

        var failed = await RunAsync("rudder-client.mjs", proxy.Address, customer);

        Assert.Empty(failed);
        await AssertStoredOnceAsync(server, customer, Numbered(customer));
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task What_rudderstack_sdk_was_told_is_taken_is_stored_once_though_it_gives_up_on_the_rest()
    {
        var port = ServerProcess.FreePort();
        var server = await ServerProcess.StartAsync(_data, port);
        var restarted = new TaskCompletionSource<ServerProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await FaultProxy.StartAsync(server.Address, [Fault.Pass, Fault.Pass, Fault.Kill], async () =>
        {
            await server.DisposeAsync();
            restarted.SetResult(await ServerProcess.StartAsync(_data, port));
        });
        var customer = Events.NewCustomer();

        await RunAsync("rudder-client.mjs", proxy.Address, customer);

        await using var second = await restarted.Task.WaitAsync(ClientTimeout);
        Assert.NotEmpty(proxy.Told);
        await AssertStoredOnceAsync(second, customer, [.. proxy.Told.Distinct()], mayHaveMore: true);
    }

    [NodeFact]
    [Trait("Needs", "npm")]
    public async Task Cloudevents_sdk_brings_every_event_in_once_in_all_three_modes_through_failures_of_all_kinds()
    {
        await using var server = await ServerProcess.StartAsync(_data, ServerProcess.FreePort());
        Fault[] faults = [Fault.Answer500, Fault.CutAfter, Fault.Answer429, Fault.LieAfter, Fault.Answer503, Fault.CutBefore, Fault.Slow];
        var script = faults.Concat(Enumerable.Repeat(Fault.Pass, 15)).Concat(faults).Concat(Enumerable.Repeat(Fault.Pass, 16)).Concat(faults);
        await using var proxy = await FaultProxy.StartAsync(server.Address, script);
        var customer = Events.NewCustomer();

        var failed = await RunAsync("cloudevents-client.mjs", proxy.Address, customer);

        Assert.Empty(failed);
        await AssertStoredOnceAsync(server, customer, Numbered(customer));
    }

    private static string[] Numbered(string customer) => [.. Enumerable.Range(0, Count).Select(i => $"{customer}-{i}")];

    /// <returns>What the client says it gave up on.</returns>
    private static async Task<string[]> RunAsync(string script, string address, string customer)
    {
        var said = await NodeScript.RunAsync(script, address, TestServer.WriteKey, customer, $"{Count}");
        return [.. JsonDocument.Parse(said).RootElement.GetProperty("failed").EnumerateArray().Select(f => f.GetString()!)];
    }

    private static async Task AssertStoredOnceAsync(ServerProcess server, string customer, string[] expected, bool mayHaveMore = false)
    {
        using var stored = new Stored(server.Address);
        await stored.AssertOnceAsync(customer, expected, mayHaveMore);
    }
}
