using OrleansCrm.Breaking.Tests.Load;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Breaking.Tests;

/// <summary>One database with its server and its clients, at one moment of a run.</summary>
internal sealed class Scene(Stage stage, Ledger ledger, Clients clients, Tally tally, Random random) : IAsyncDisposable
{
    private const int MomentMs = 100;

    private ServerProcess? _server;

    public Stage Stage => stage;

    public Ledger Ledger => ledger;

    public Clients Clients => clients;

    public Tally Tally => tally;

    public Random Random => random;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("No server runs.");

    /// <summary>Starts a server where none runs; from now on the clients send to it.</summary>
    public async Task StartServerAsync()
    {
        _server = stage.BeginServer();
        clients.TurnTo(new Uri(_server.Address));
        await _server.WhenReadyAsync();
    }

    /// <summary>Another server is the one that counts from now on.</summary>
    /// <returns>The one before.</returns>
    public async Task<ServerProcess> ReplaceServerAsync()
    {
        var old = Server;
        await StartServerAsync();
        return old;
    }

    /// <summary>Starts a server and kills it before it has got far.</summary>
    public async Task KillAtStartAsync()
    {
        const int GetsReadyInMs = 1_500;
        _server = stage.BeginServer();
        clients.TurnTo(new Uri(_server.Address));
        clients.Load();
        await Task.Delay(random.Next(GetsReadyInMs));
        await KillServerAsync();
        tally.Danger("killed while it starts");
    }

    /// <summary>Kills the server, whatever it is doing.</summary>
    /// <param name="others">Requests under way besides those of the clients.</param>
    public async Task KillServerAsync(params Task<Outcome>[] others)
    {
        // In the midst of something if possible: while senders are put off, nothing is under way most of the time.
        for (var waited = 0; waited < MomentMs && clients.UnderWay.Length == 0 && others.All(o => o.IsCompleted); waited++)
            await Task.Delay(1);
        Task<Outcome>[] underWay = [.. clients.UnderWay.Select(s => s.Over), .. others.Where(o => !o.IsCompleted)];
        await Server.KillAsync();
        var outcomes = await Task.WhenAll(underWay);
        tally.Kill(outcomes.Contains(Outcome.Unanswered));
        await Server.DisposeAsync();
        _server = null;
    }

    public async Task StopServerAsync()
    {
        if (await Server.StopAsync() != 0)
            tally.Mismatch("the server stopped with an error: " + Server.Errors);
        await Server.DisposeAsync();
        _server = null;
    }

    /// <summary>Lets the clients get everything acknowledged, and holds the server to it.</summary>
    public async Task ReckonAsync(bool withAlertsAndOffers = false)
    {
        await clients.SettleAsync();
        using var reckoning = new Reckoning(new Uri(Server.Address), ledger, tally);
        await reckoning.CheckCustomersAsync();
        if (!withAlertsAndOffers)
            return;
        await reckoning.CheckAlertsAsync();
        await reckoning.CheckOffersAsync();
    }

    public async Task VerifyAsync(string when)
    {
        tally.Verified++;
        if (await stage.VerifyAsync() is { } said)
            tally.Mismatch($"verify {when}: {said}");
    }

    public async Task RestoreElsewhereAsync()
    {
        tally.Verified++;
        if (await stage.RestoreElsewhereAsync() is { } said)
            tally.Mismatch("a backup taken under load is not equal: " + said);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
