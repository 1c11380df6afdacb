using System.Globalization;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Simulation.Tests.Workload;

internal sealed partial class Clients
{
    private readonly List<NewEntry> _earlier = [];

    /// <summary>Something that a client does, by chance.</summary>
    public Task ActAsync() => world.Pick(22) switch
    {
        < 9 => SendSomethingAsync(""),
        < 12 => SendSilenceAsync(world.Pick(Customers), ""),
        < 15 => LookUpAsync(world.Pick(Customers)),
        < 17 => CompeteAsync(),
        < 18 => AskAsync(Process, FlushAsync, world.Pick(weather.Partitions)),
        < 20 => SendAndLookUpAsync(),
        < 21 => SignInAsync(),
        _ => world.Draw(weather.Merges) ? MergeAsync() : SignInAsync(),
    };

    /// <summary>An administrator finds that two customers are one.</summary>
    private async Task MergeAsync()
    {
        var survivor = world.Pick(Users);
        var other = world.Pick(Customers);
        if (Events.TenantOf(survivor) == Events.TenantOf(other))
            await SendAsync(PartitionOf(survivor), Events.Merge(survivor, other, world.NewId(), world.Wall));
    }

    /// <summary>A visitor turns out to be a customer, perhaps not the first one; sometimes both were told of an order.</summary>
    private async Task SignInAsync()
    {
        if (Visitors.Length == 0)
            return;
        var visitor = world.Pick(Visitors);
        var users = Array.FindAll(Users, u => Events.TenantOf(u) == Events.TenantOf(visitor));
        if (users.Length == 0)
            return;
        await SignInAsync(world.Pick(users), visitor);
    }

    private async Task SignInAsync(string user, string visitor)
    {
        if (world.Draw(0.4))
        {
            var (id, value, at) = (NextOrder(), 1 + world.Pick(20_000) / 100m, NewTime());
            foreach (var customer in new[] { user, visitor })
            {
                var order = ledger.BookOf(customer).Order(id);
                (order.Value, order.At, order.IsShared) = (value, at, true);
                var told = Tell(customer, id, ledger.BookOf(customer), "");
                _earlier.Add(told);
                await SendAsync(PartitionOf(customer), told);
            }
        }

        var signIn = Events.Track(user, NextMessage(), NewTime(), "Product Viewed", "{}", "", visitor);
        _earlier.Add(signIn);
        await SendAsync(PartitionOf(user), signIn);
    }

    /// <summary>A few events of customers of one partition in one request, some of them told before.</summary>
    public async Task SendSomethingAsync(string import)
    {
        var partition = PartitionOf(world.Pick(Customers));
        var neighbours = Array.FindAll(Customers, c => PartitionOf(c) == partition);
        var batch = new List<NewEntry>();
        for (var count = 1 + world.Pick(world.Draw(0.3) ? 12 : 3); count > 0; count--)
        {
            var told = _earlier.FindAll(e => PartitionOf(e.Customer) == partition);
            batch.Add(told.Count > 0 && world.Draw(0.15) ? world.Pick(told) : NewEvent(world.Pick(neighbours), import));
        }

        _earlier.AddRange(batch);
        await SendAsync(partition, [.. batch]);
    }

    /// <summary>Everything that was ever acknowledged is told once more.</summary>
    public void RepeatEverything()
    {
        foreach (var chunk in _earlier.DistinctBy(e => e.MessageId).GroupBy(e => PartitionOf(e.Customer)).SelectMany(g => g.Chunk(20)))
            Begin(() => SendAsync(PartitionOf(chunk[0].Customer), chunk));
    }

    public async Task PublishAsync(int version)
    {
        var standard = ProgramDocument.Default;
        var program = standard with
        {
            Version = version,
            Churn = standard.Churn with
            {
                HorizonDays = 20 + world.Pick(120),
                AtRisk = new RiskThreshold(0.05 + 0.5 * world.Random.NextDouble(), 0.05 + 0.3 * world.Random.NextDouble()),
                Lost = new RiskThreshold(0.9, 0.6),
            },
            Loyalty = weather.Gifts > 0 ? Rewarding : standard.Loyalty,
            Alerts = new AlertRules { ChurnRisk = standard.Alerts.ChurnRisk with { Enabled = world.Draw(0.7), Desk = world.Draw(0.5) ? "default" : "vip" } },
        };
        program = program with { Churn = Refitted(program.Churn, version) };
        program = WithOffers(program);
        var payload = new ProgramPublication(world.Draw(0.7) ? "default" : "other", program).ToPayload();
        await ToAllAsync(() => new NewEntry("", world.NewId(), EntryTypes.ProgramPublished, world.WallMs, payload));
    }

    // As from a fit: another model, or the same with other parameters.
    private static ChurnRules Refitted(ChurnRules rules, int version)
    {
        var share = rules.HorizonDays / 140.0;
        var (r, alpha, a, b) = (0.2 + share, 2 + 10 * share, 0.3 + share, 4 - 3 * share);
        return rules with
        {
            Model = (version % 4) switch
            {
                0 => new NbdModel(r, alpha),
                1 => new ParetoNbdModel(r, alpha, a, 5 * b),
                var kind => new BetaGeometricModel(r, alpha, a, b, StopsAfterFirst: kind == 2),
            },
            Calibration = rules.HorizonDays % 2 == 0 ? RiskCalibration.None : new RiskCalibration(share - 0.5, 0.5 + share),
        };
    }

    public async Task ImportAsync(string name)
    {
        await ToAllAsync(() => Events.Import(EntryTypes.ImportStarted, name, world.NewId(), world.Wall));
        for (var batches = 1 + world.Pick(8); batches > 0; batches--)
        {
            await (world.Draw(0.5) ? SendSomethingAsync(name) : SendSilenceAsync(world.Pick(Customers), name));
            await world.DelayAsync(world.Between(0, 5));
            if (world.Draw(0.3))
                await ToAllAsync(() => Events.Import(EntryTypes.ImportRenewed, name, world.NewId(), world.Wall));
        }

        // Some imports just stop: then the partition ends them.
        if (world.Draw(0.7))
            await ToAllAsync(() => Events.Import(EntryTypes.ImportEnded, name, world.NewId(), world.Wall));
    }

    /// <summary>An activation forgets its state, as when its memory was needed elsewhere and it came back empty.</summary>
    public async Task LoseStateAsync()
    {
        var customer = world.Pick(Customers);
        await AskAsync(Process, async _ => await Process.Grains.GetGrain<ICustomerGrain>(customer, null).ApplyAsync(new ApplyRequest(-1, [], [])), 0);
    }

    private async Task SendAndLookUpAsync()
    {
        var customer = world.Pick(Customers);
        var entry = NewEvent(customer, "");
        _earlier.Add(entry);
        await SendAsync(PartitionOf(customer), entry);
        await LookUpAsync(customer);
    }

    /// <summary>Orders every few weeks, the last one some months ago: the threshold has passed, or will soon.</summary>
    private async Task SendSilenceAsync(string customer, string import)
    {
        var last = world.Wall.AddDays(-world.Pick(150));
        var orders = 2 + world.Pick(4);
        var batch = Enumerable.Range(0, orders)
            .Select(i => NewOrder(customer, last.AddDays(-(orders - 1 - i) * (5 + world.Pick(20))), import)).ToArray();
        _earlier.AddRange(batch);
        await SendAsync(PartitionOf(customer), batch);
    }

    /// <summary>A person asks to be forgotten, until that is done, or nobody knows of the person.</summary>
    public async Task EraseAsync()
    {
        var customer = world.Pick(Customers);
        var others = Array.FindAll(Users.Contains(customer) ? Visitors : Users, c => Events.TenantOf(c) == Events.TenantOf(customer));
        if (others.Length > 0 && world.Draw(0.7))
        {
            // Who signs in at the very moment.
            var other = world.Pick(others);
            Begin(() => Users.Contains(customer) ? SignInAsync(customer, other) : SignInAsync(other, customer));
        }

        while (true)
        {
            var response = await AskAsync(Process, p => p.EraseAsync(customer, isAwaited: false), PartitionOf(customer));
            if (response is { Status: EraseStatus.Done or EraseStatus.NotFound })
            {
                world.Say($"erasure of {customer} {response.Status}");
                return;
            }

            await world.DelayAsync(world.Between(0.05, 2));
        }
    }

    /// <summary>Some agents want the same alert at once.</summary>
    private async Task CompeteAsync()
    {
        var process = Process;
        var desk = world.Pick<string>(["default/default", "default/vip", "other/default"]);
        var view = await AskAsync(process, _ => process.Grains.GetGrain<IDeskGrain>(desk, null).ViewAsync(-1), 0);
        if (view is null || view.Alerts.Length == 0)
            return;
        using var alert = JsonDocument.Parse(world.Pick(view.Alerts));
        var id = alert.RootElement.GetProperty("id").GetString()!;
        var tenant = desk[..desk.IndexOf('/')];
        for (var agents = 1 + world.Pick(4); agents > 0; agents--)
        {
            var agent = string.Create(CultureInfo.InvariantCulture, $"agent{world.Pick(6)}@example.com");
            var type = world.Draw(0.8) ? EntryTypes.AlertClaim : EntryTypes.AlertResolve;
            Begin(() => CommandAsync(type, tenant, id, agent));
        }
    }

    private async Task CommandAsync(string type, string tenant, string alert, string agent)
    {
        Assert.True(AlertId.TryParse(alert, out var id));

        // Who has been told that it was a repeat, and nothing else, asks anew.
        CommandOutcome? outcome = null;
        while (outcome is null)
        {
            var command = Events.Command(type, tenant, alert, agent, world.NewId(), world.Wall);
            var response = await SendAsync(id.Partition, command);
            outcome = response.Outcomes.FirstOrDefault();
        }

        world.Say($"{agent} {type} {alert}: '{outcome.Code}'");
        if (outcome.Code.Length > 0)
            return;
        if (!ledger.Winners.TryGetValue(alert, out var winners))
            ledger.Winners.Add(alert, winners = new SortedSet<string>(StringComparer.Ordinal));
        winners.Add(agent);
        if (winners.Count > 1)
            world.Violate($"alert {alert} was given to {string.Join(" and ", winners)}");
    }

    public static async Task<object> FlushAsync(IPartitionGrain partition)
    {
        await partition.FlushAsync();
        return partition;
    }

    private Task ToAllAsync(Func<NewEntry> entry) =>
        Task.WhenAll(Enumerable.Range(0, weather.Partitions).Select(p => (Task)SendAsync(p, entry())));

    private NewEntry NewEvent(string customer, string import)
    {
        var book = ledger.BookOf(customer);
        var told = book.OrderIds.ToArray();
        var at = NewTime();
        if (world.Draw(weather.Unfoldable))
            return Events.Unfoldable(customer, NextMessage(), at);
        switch (world.Pick(20))
        {
            case < 7:
                return NewOrder(customer, at, import);
            case < 9 when told.Length > 0:
                return Tell(customer, world.Pick(told), book, import);
            case < 11:
                // Of an order that two ids were told of only the user hears of refunds: the engine keeps no more of a refund than its key.
                var refundable = Visitors.Contains(customer) ? Array.FindAll(told, o => !book.Order(o).IsShared) : told;
                return Refund(customer, refundable.Length > 0 ? world.Pick(refundable) : NextOrder(), book, at, import);
            case < 12:
                var cancelled = told.Length > 0 ? world.Pick(told) : NextOrder();
                book.Order(cancelled).IsCancelled = true;
                return Track(customer, at, "Order Cancelled", $$"""{"order_id":"{{cancelled}}"}""", import);
            case < 13 when told.Length > 0:
                return Track(customer, at, "Order Delivered", $$"""{"order_id":"{{world.Pick(told)}}"}""", import);
            default:
                var seen = (at.Millisecond % 4) switch { 0 => "Product Added", 1 => "Payment Failed", _ => "Product Viewed" };
                return Track(customer, at, seen, """{"product_id":"p1"}""", import);
        }
    }

    private NewEntry NewOrder(string customer, DateTimeOffset at, string import, string more = "")
    {
        var id = NextOrder();
        var book = ledger.BookOf(customer);
        (book.Order(id).Value, book.Order(id).At) = (1 + world.Pick(20_000) / 100m, at);
        return Tell(customer, id, book, import, more);
    }

    /// <summary>The order as it was placed, under a new message id: another source tells of it too.</summary>
    private NewEntry Tell(string customer, string id, CustomerBook book, string import, string more = "")
    {
        var order = book.Order(id);
        if (order.At == default)
            (order.Value, order.At) = (1 + world.Pick(20_000) / 100m, NewTime());
        order.IsPlaced = true;
        return Track(
            customer, order.At, "Order Completed",
            string.Create(CultureInfo.InvariantCulture, $$"""{"order_id":"{{id}}","revenue":{{order.Value}},"currency":"EUR"{{more}}}"""), import);
    }

    private NewEntry Refund(string customer, string id, CustomerBook book, DateTimeOffset at, string import)
    {
        var refund = "r" + world.Pick(4).ToString(CultureInfo.InvariantCulture);
        var order = book.Order(id);
        if (!order.Refunds.TryGetValue(refund, out var amount))
            order.Refunds.Add(refund, amount = 1 + world.Pick(10_000) / 100m);
        return Track(
            customer, at, "Order Refunded",
            string.Create(
                CultureInfo.InvariantCulture, $$"""{"order_id":"{{id}}","refund_id":"{{refund}}","amount":{{amount}},"currency":"EUR"}"""), import);
    }

    private NewEntry Track(string customer, DateTimeOffset at, string name, string properties, string import) =>
        Events.Track(customer, NextMessage(), at, name, properties, import);

    private DateTimeOffset NewTime() => world.Pick(20) switch
    {
        < 12 => world.Wall,
        < 15 => world.Wall.AddMinutes(-world.Pick(600)),
        < 19 => world.Wall.AddDays(-world.Pick(400)),
        _ => world.Wall.AddMinutes(world.Pick(600)),
    };

    private string NextMessage() => string.Create(CultureInfo.InvariantCulture, $"m{_messages++}");

    private string NextOrder() => string.Create(CultureInfo.InvariantCulture, $"o{_messages++}");
}
