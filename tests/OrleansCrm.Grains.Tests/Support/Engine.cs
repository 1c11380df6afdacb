using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Grains.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Sqlite;

namespace OrleansCrm.Grains.Tests.Support;

/// <summary>Silo, grains and a SQLite journal in a directory of their own. <see cref="CrashAsync"/> and a new engine are a restart.</summary>
internal sealed partial class Engine : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SiloFixture _silo;

    private Engine(SqliteDatabase database, SiloFixture silo)
    {
        _database = database;
        _silo = silo;
    }

    public IGrainFactory Grains => _silo.Grains;

    public IJournal Journal => _database.Journal;

    /// <param name="probe">Stands between the grains and the journal.</param>
    public static async Task<Engine> StartAsync(
        string directory, TimeProvider? time = null, Action<PartitionOptions>? configure = null, Func<IJournal, IJournal>? probe = null)
    {
        var options = new PartitionOptions { FlushAge = TimeSpan.FromMilliseconds(200), TickPeriod = TimeSpan.FromMilliseconds(20) };
        configure?.Invoke(options);
        var database = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Directory = directory, Partitions = 2 }, CancellationToken.None);
        return new Engine(database, await SiloFixture.StartAsync(probe?.Invoke(database.Journal) ?? database.Journal, options, time ?? TimeProvider.System));
    }

    public IPartitionGrain PartitionOf(string customer) =>
        Grains.GetGrain<IPartitionGrain>(CustomerKey.Parse(customer).PartitionOf(Journal.Identity.Partitions));

    public Task<AppendResponse> AppendAsync(params NewEntry[] entries) =>
        PartitionOf(entries[0].Customer).AppendAsync(new AppendRequest(entries));

    public async Task<JsonElement> ProfileAsync(string customer)
    {
        var found = await LookupAsync(customer);
        Assert.Equal(LookupStatus.Found, found.Status);
        using var document = JsonDocument.Parse(found.Body);
        return document.RootElement.Clone();
    }

    public Task<LookupResponse> LookupAsync(string customer) =>
        PartitionOf(customer).LookupAsync(new LookupRequest(customer, LookupKind.Profile, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), ""));

    public async Task<long> OrdersAsync(string customer) =>
        (await ProfileAsync(customer)).GetProperty("value").GetProperty("orders").GetInt64();

    public async Task<JsonElement[]> OpenAlertsAsync()
    {
        var view = await Grains.GetGrain<IDeskGrain>("default/default").ViewAsync(-1);
        return [.. view.Alerts.Select(a => JsonDocument.Parse(a).RootElement)];
    }

    public async Task<JsonElement[]> ChangesAsync()
    {
        var view = await Grains.GetGrain<IDeskGrain>("default/default").ViewAsync(0);
        Assert.Equal(Enumerable.Range(1, view.Changes.Length).Select(i => (long)i), view.Changes.Select(c => c.Sequence));
        return [.. view.Changes.Select(c => JsonDocument.Parse(c.Alert).RootElement)];
    }

    /// <summary>Waits until something is so; fails with what it was about when it does not become so.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        var deadline = DateTime.UtcNow.AddMinutes(2);
        while (!await isSo())
        {
            Assert.True(DateTime.UtcNow < deadline, $"It did not come about that {what}.");
            await Task.Delay(20);
        }
    }

    /// <summary>Ends without storing anything: memory is lost, the journal stays.</summary>
    public async Task CrashAsync()
    {
        await _silo.DisposeAsync();
        await _database.DisposeAsync();
    }

    public ValueTask DisposeAsync() => new(CrashAsync());
}
