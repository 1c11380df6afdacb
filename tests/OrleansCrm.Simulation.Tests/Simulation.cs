using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Simulation.Tests.Checks;
using OrleansCrm.Simulation.Tests.Engine;
using OrleansCrm.Simulation.Tests.Store;
using OrleansCrm.Simulation.Tests.Workload;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests;

/// <summary>One run: a storm, a calm in which everything has to come to rest, and the reckoning; then a restart and a second reckoning.</summary>
internal sealed class Simulation
{
    /// <summary>Simulated time in which everything has to come to rest once the storm is over.</summary>
    private static readonly TimeSpan RestWithin = TimeSpan.FromMinutes(20);

    /// <summary>Simulated time that a reckoning takes at most.</summary>
    private static readonly TimeSpan ReckonWithin = TimeSpan.FromSeconds(5);

    private readonly World _world;
    private readonly Weather _weather;
    private readonly JournalStore _store;
    private readonly Ledger _ledger = new();
    private readonly Clients _clients;
    private int _processes;

    private Simulation(World world, BuiltInFault fault)
    {
        _world = world;
        _weather = new Weather(world);
        _store = BuiltInFaults.Open(fault, world, _weather.Partitions, AppendWakeAgain);
        _clients = new Clients(world, _weather, _ledger);
    }

    public static async Task<World> RunAsync(int seed, BuiltInFault fault, bool traces)
    {
        var world = new World(seed, traces);
        try
        {
            await world.RunAsync(w => new Simulation(w, fault).RunAsync());
        }
        catch (Exception exception)
        {
            world.Violate("the reckoning failed: " + exception);
        }

        return world;
    }

    private async Task RunAsync()
    {
        _clients.Process = await StartAsync();
        if (_weather.Gifts + _weather.Treats > 0)
            await _clients.PublishFirstAsync();
        Brew();
        await _world.DelayAsync(TimeSpan.FromSeconds(_weather.Seconds));
        await CalmAsync();
        if (_weather.FlushesAtEnd)
            await FlushAsync();
        await CheckAsync();

        _world.Say("restart");
        _clients.Process.Die();
        _store.LosePower();
        _clients.Process = await StartAsync();
        _clients.RepeatEverything();
        await CalmAsync();
        await FlushAsync();
        await CheckAsync();
        _clients.Process.Die();
    }

    private async Task<Incarnation> StartAsync()
    {
        var process = await Incarnation.StartAsync(_world, _store, _weather.Journal, _weather.Options, ++_processes);
        if (_weather.IsCalm)
            return process;
        (process.Faults.LostCall, process.Faults.LostAnswer) = (_weather.LostCall, _weather.LostAnswer);
        (process.Faults.Crash, process.Faults.Double) = (_weather.ActivationCrash, _weather.ActivationDouble);
        process.MayBeStale = _weather.ActivationCrash + _weather.ActivationDouble > 0;
        return process;
    }

    /// <summary>Everything that will happen in the storm, each at its moment.</summary>
    private void Brew()
    {
        AtSomeTime(_weather.Actions, () => _clients.Begin(_clients.ActAsync));
        AtSomeTime(_weather.LostStates, () => _clients.Begin(_clients.LoseStateAsync));
        var version = 1;
        AtSomeTime(_weather.Programs, () => _clients.Begin(() => _clients.PublishAsync(++version)));
        var imports = 0;
        AtSomeTime(_weather.Imports, () => _clients.Begin(() => _clients.ImportAsync($"import{_world.Pick(2) + imports++}")));
        AtSomeTime(_weather.Advances, () =>
        {
            _world.Say("time passes");
            _world.Advance(_world.Between(3_600, 40 * 86_400));
        });
        AtSomeTime(_weather.Jumps, () =>
        {
            _world.Say("the wall clock jumps");
            _world.JumpWall(_world.Between(-86_400, 86_400));
        });
        AtSomeTime(_weather.Crashes, () => _clients.Begin(RestartAsync));
        AtSomeTime(_weather.Overlaps, () => _clients.Begin(OverlapAsync));
        AtSomeTime(_weather.Erasures, () => _clients.Begin(_clients.EraseAsync));
        AtSomeTime(_weather.Gifts, () => _clients.Begin(_clients.MovePointsAsync));
        AtSomeTime(_weather.Treats, () => _clients.Begin(_clients.AskForOfferAsync));
    }

    private void AtSomeTime(int times, Action happen)
    {
        for (var i = 0; i < times; i++)
            _world.In(_world.Between(0, _weather.Seconds), happen);
    }

    private async Task RestartAsync()
    {
        if (_clients.Old is { IsDead: false })
            return;
        var process = _clients.Process;
        if (_world.Draw(0.2))
            await Task.WhenAny(StopAsync(process), _world.DelayAsync(TimeSpan.FromSeconds(3)));
        if (process.IsDead || process != _clients.Process)
            return;
        _world.Say($"{process.Name} dies");
        process.Die();
        _store.LosePower();
        await _world.DelayAsync(_world.Between(0, 0.5));
        if (_clients.Process == process)
            _clients.Process = await StartAsync();
    }

    private static async Task StopAsync(Incarnation process)
    {
        try
        {
            await process.StopAsync();
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException or OperationCanceledException
            or Orleans.Runtime.OrleansException)
        {
            // It could not store everything, and a server would stop all the same.
            return;
        }
    }

    /// <summary>A second process takes over while the first one goes on for a while as if nothing had happened.</summary>
    private async Task OverlapAsync()
    {
        if (_clients.Old is { IsDead: false } || _clients.Process.IsDead)
            return;
        _clients.Old = _clients.Process;
        _clients.Old.MayBeStale = true;
        _clients.Process = await StartAsync();
        _clients.Process.MayBeStale = true;
        await _world.DelayAsync(_world.Between(0, 4));
        _world.Say($"{_clients.Old.Name} dies at last");
        _clients.Old.Die();
    }

    private async Task CalmAsync()
    {
        _world.Say("calm");
        _weather.Cease();
        _clients.Old?.Die();
        if (_clients.Process.MayBeStale)
            _clients.Process.Die();
        if (_clients.Process.IsDead)
            _clients.Process = await StartAsync();
        _clients.Process.Faults.Cease();
        var deadline = _world.Mono + RestWithin.Ticks;
        var restless = "";
        // Who fell due before a snapshot told of it is found when the sleepers are read again: a wake window later at most.
        for (var quiet = 0; quiet < 4;)
        {
            // No whole second: sleepers are read at the same moment of each, and while they are the engine does not rest.
            await _world.DelayAsync(TimeSpan.FromMilliseconds(1_013));
            restless = await FindRestlessAsync();
            quiet = restless.Length == 0 ? quiet + 1 : 0;

            // Who is woken while the reckoning goes on would be told otherwise by then than the journal it began with.
            if (quiet == 4 && StoreCheck.FindDue(_store, _world.WallMs + (long)ReckonWithin.TotalMilliseconds) is { } due)
                (quiet, restless) = (0, due + " is about to be woken");
            if (_world.Mono > deadline)
            {
                _world.Violate("the engine comes to no rest: " + restless);
                return;
            }
        }
    }

    private async Task<string> FindRestlessAsync()
    {
        _clients.Process.Faults.Cease();
        if (!_clients.AreDone)
            return "clients wait";
        for (var partition = 0; partition < _weather.Partitions; partition++)
        {
            var status = await Clients.AskAsync(_clients.Process, p => p.TouchAsync(), partition);
            if (status is not { Ready: true, OverdueWakes: 0, UndeliveredOutcomes: 0 })
                return $"partition {partition} {status}";
            var wide = _store.ReadWide(partition);
            if (wide.LastOrDefault(e => e.Type == EntryTypes.ProgramPublished)?.Offset > SweptProgram(wide))
                return $"partition {partition} sweeps";

            // Its lease would run out while the reckoning goes on, and wake whom it held back. One that was renewed before the clock went back lasts.
            var soonMs = _world.WallMs + (long)RestWithin.TotalMilliseconds / 4;
            if (RunningImports(wide).Values.Any(renewedMs => renewedMs < soonMs))
                return $"partition {partition} has an import that runs";
        }

        return Enumerable.Range(0, _weather.Partitions).SelectMany(_store.ReadErasures).Any(row => row.DoneMs == 0) ? "erasures are under way" : "";
    }

    /// <returns>Their names, and when each was renewed.</returns>
    public static Dictionary<string, long> RunningImports(Entry[] entries)
    {
        var running = new Dictionary<string, long>();
        foreach (var entry in entries.Where(e => e.Type is EntryTypes.ImportStarted or EntryTypes.ImportRenewed or EntryTypes.ImportEnded))
        {
            using var payload = JsonDocument.Parse(entry.Payload);
            var name = ImportName.Of(payload.RootElement.GetProperty("tenant").GetString()!, payload.RootElement.GetProperty("import").GetString()!);
            if (entry.Type == EntryTypes.ImportEnded)
                running.Remove(name);
            else
                running[name] = entry.RecordedMs;
        }

        return running;
    }

    private static long SweptProgram(Entry[] wide)
    {
        if (wide.LastOrDefault(e => e.Type == EntryTypes.ProgramSwept) is not { } swept)
            return -1;
        using var payload = JsonDocument.Parse(swept.Payload);
        return payload.RootElement.GetProperty("program").GetInt64();
    }

    private async Task FlushAsync()
    {
        for (var partition = 0; partition < _weather.Partitions; partition++)
            await UntilAsync(() => Clients.AskAsync(_clients.Process, Clients.FlushAsync, partition));
    }

    /// <summary>What failed in the storm may still happen in the calm, such as a takeover: then a partition reloads once more.</summary>
    private async Task<T> UntilAsync<T>(Func<Task<T?>> ask)
        where T : class
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if (await ask() is { } answer)
                return answer;
            await _world.DelayAsync(TimeSpan.FromSeconds(1));
        }

        throw new InvalidOperationException("The engine does not answer in the calm.");
    }

    private async Task CheckAsync()
    {
        if (_world.Violations.Count > 0)
            return;
        var check = new StoreCheck(_world, _store, _ledger);
        check.Run();
        foreach (var customer in _clients.Customers.Where(check.IsErased))
            await CheckErasedAsync(customer);
        foreach (var (customer, fold) in check.Folds.Where(f => !Tombstone.IsKey(f.Key)))
        {
            await CheckProfileAsync(customer, fold);
            await CheckTimelineAsync(customer);
        }
    }

    private async Task CheckErasedAsync(string customer)
    {
        var found = await LookUpAsync(customer);
        if (found.Status != LookupStatus.Erased)
            _world.Violate($"{customer} was erased and is {found.Status}");
    }

    private Task<LookupResponse> LookUpAsync(string customer)
    {
        var request = new LookupRequest(customer, LookupKind.Profile, _world.WallMs, "");
        return UntilAsync(async () =>
            await Clients.AskAsync(_clients.Process, p => p.LookupAsync(request), _clients.PartitionOf(customer)) is { Status: not LookupStatus.Unavailable } answer
                ? answer
                : null);
    }

    /// <summary>What is alive equals the straight fold.</summary>
    private async Task CheckProfileAsync(string customer, StraightFold fold)
    {
        var found = await LookUpAsync(customer);
        if (found.MovedTo != fold.State.LinkedTo)
            _world.Violate($"{customer} is said to be '{found.MovedTo}' and is '{fold.State.LinkedTo}'");
        var expected = fold.State.IsEmpty || fold.State.LinkedTo.Length > 0 ? [] : ProfileRenderer.Render(fold.State, fold.Program, found.AsOfMs);
        if (found.Body.AsSpan().SequenceEqual(expected))
            return;
        _world.Say("alive:  " + Encoding.UTF8.GetString(found.Body));
        _world.Say("folded: " + Encoding.UTF8.GetString(expected));
        _world.Violate($"the profile of {customer} ({found.Status}) is not what the journal says");
    }

    private async Task CheckTimelineAsync(string customer)
    {
        var number = _clients.PartitionOf(customer);
        var told = new List<long>();
        for (var hasMore = true; hasMore;)
        {
            var request = new TimelineRequest(customer, told.Count == 0 ? long.MaxValue : told[^1], 7);
            var page = await UntilAsync(() => Clients.AskAsync(_clients.Process, p => p.TimelineAsync(request), number));
            told.AddRange(page.Entries.Select(e => e.Offset));
            hasMore = page.HasMore;
        }

        var own = _store.Read(number, 0, int.MaxValue).Where(e => e.Customer == customer).Select(e => e.Offset);
        if (!told.SequenceEqual(own.Reverse()))
            _world.Violate($"the timeline of {customer} is not what the journal says");
    }

    private void AppendWakeAgain(Entry wake) => _clients.Begin(() => Clients.AskAsync(
        _clients.Process,
        p => p.AppendAsync(new AppendRequest([new NewEntry(wake.Customer, _world.NewId(), wake.Type, wake.TimeMs, wake.Payload)])),
        wake.Partition));
}
