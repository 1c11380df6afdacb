using System.Diagnostics;
using OrleansCrm.Server.Tests.Alerts;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Interop;

/// <summary>
/// The SDKs that stand in shops' pages, unmodified, in a real browser, on a page of another origin and with a key that anybody can read there:
/// every message is stored once, whatever happens on the way.
/// </summary>
public sealed class BrowserSdkTests : IDisposable
{
    private const int Count = 12;

    /// <summary>How many of the faults the page has to try again after: all but the slow one.</summary>
    private const int FaultsTold = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly Fault[] Faults =
        [Fault.Answer500, Fault.CutAfter, Fault.Answer429, Fault.LieAfter, Fault.Answer503, Fault.CutBefore, Fault.Slow];

    private readonly string _data = Directory.CreateTempSubdirectory("orleanscrm-interop-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Segment_page_brings_every_message_in_once_through_failures_of_all_kinds()
    {
        await using var server = await ServerProcess.StartAsync(_data, ServerProcess.FreePort());
        await using var proxy = await FaultProxy.StartAsync(server.Address, Faults);

        await VisitAsync(server.Address, proxy.Address, "segment-page.html", () => proxy.Requests >= Count + FaultsTold);
    }

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Segment_page_brings_every_message_in_once_when_the_server_is_killed_between_accepting_and_answering()
    {
        var port = ServerProcess.FreePort();
        var server = await ServerProcess.StartAsync(_data, port);
        var restarted = new TaskCompletionSource<ServerProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await FaultProxy.StartAsync(server.Address, [Fault.Pass, Fault.Pass, Fault.Kill], async () =>
        {
            await server.DisposeAsync();
            restarted.SetResult(await ServerProcess.StartAsync(_data, port));
        });

        await VisitAsync(server.Address, proxy.Address, "segment-page.html", () => proxy.Requests > Count);

        await (await restarted.Task.WaitAsync(Patience)).DisposeAsync();
    }

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Rudderstack_page_brings_every_message_in_once_through_failures_of_all_kinds()
    {
        await using var server = await ServerProcess.StartAsync(_data, ServerProcess.FreePort());
        await using var proxy = await FaultProxy.StartAsync(server.Address, Faults);

        await VisitAsync(server.Address, proxy.Address, "rudder-page.html", () => proxy.Requests >= Count + FaultsTold);
    }

    [NodeFact("chromium")]
    [Trait("Needs", "chromium")]
    public async Task Rudderstack_page_that_is_left_brings_its_messages_in_by_beacon()
    {
        await using var server = await ServerProcess.StartAsync(_data, ServerProcess.FreePort());

        await VisitAsync(server.Address, server.Address, "rudder-page.html", () => true, beacon: true);
    }

    /// <summary>Lets a browser look at the page until everything that it has sent is stored, and has been tried again as often as it was to be.</summary>
    private static async Task VisitAsync(string server, string api, string page, Func<bool> hasTriedAgain, bool beacon = false)
    {
        using var stored = new Stored(server);
        var customer = Events.NewCustomer();
        var key = await stored.AddBrowserKeyAsync();
        await using var pages = await ShopPages.StartAsync();
        string[] sent;
        await using (new Chromium(pages.AddressOf(page, api, key, customer, Count, beacon)))
        {
            sent = await pages.Sent.WaitAsync(Patience);
            for (var waited = Stopwatch.StartNew(); !hasTriedAgain() || sent.Except(await stored.MessagesOfAsync(customer)).Any(); await Task.Delay(50))
                Assert.True(waited.Elapsed < Patience, $"stored are {string.Join(", ", await stored.MessagesOfAsync(customer))}, sent were {string.Join(", ", sent)}");
        }

        Assert.Equal(Count, sent.Distinct().Count());
        await stored.AssertOnceAsync(customer, sent);
    }
}
