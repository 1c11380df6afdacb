using System.Text.Json;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Server.Simulation;

/// <summary>
/// A storefront's history over invented customers: purchases as the model draws them, and around them what a shop sees besides: views,
/// carts filled and sometimes left, a registration, some refunds. Everything is planned first as small records, sorted by time, and
/// written from the seed when its turn comes, so that memory holds no text.
/// </summary>
internal sealed class SimulatedHistory
{
    /// <summary>Events that are planned at most, 32 bytes each.</summary>
    public const int EventsMax = 30_000_000;

    public const double RefundChance = 0.04;
    public const double CartLeftChance = 0.3;
    public const double VisitsPerPurchase = 1.0;

    private const double MsPerWeek = 7 * 24 * 3600 * 1000.0;
    private const long MsPerDay = 24 * 3600 * 1000L;
    private const long MsPerMinute = 60 * 1000;
    private const int NoOrder = -1;

    private readonly SimulateOptions _options;
    private readonly List<Planned> _plan = [];

    private SimulatedHistory(SimulateOptions options) => _options = options;

    private enum Kind : byte
    {
        Identify,
        View,
        Add,
        Order,
        Refund,
    }

    public SimulatedCustomer[] Customers { get; private set; } = [];

    public int Events => _plan.Count;

    /// <param name="endMs">Unix milliseconds.</param>
    /// <exception cref="InvalidOperationException">It would have more than <see cref="EventsMax"/> events.</exception>
    public static SimulatedHistory Draw(SimulateOptions options, long endMs)
    {
        var history = new SimulatedHistory(options);
        var startMs = endMs - options.Days * MsPerDay;
        history.Customers = new SimulatedCustomer[options.Customers];
        for (var i = 0; i < options.Customers; i++)
        {
            var random = SeededRandom.For(options.Seed, (ulong)i);
            history.Customers[i] = SimulatedCustomer.Draw(options.Model, random, i, startMs, endMs);
            new CustomerPlan(history, history.Customers[i], random, endMs).Make();
            if (history._plan.Count > EventsMax)
                throw new InvalidOperationException($"this would be more than {EventsMax} events; take fewer customers or days");
        }

        history._plan.Sort();
        return history;
    }

    /// <summary>One event a line, in order of time.</summary>
    public void Write(Stream output)
    {
        using var json = new Utf8JsonWriter(output, StorefrontEventWriter.WriterOptions);
        var events = new StorefrontEventWriter(json, _options.Currency);
        foreach (var planned in _plan)
        {
            Write(events, planned);
            json.Flush();
            json.Reset();
            output.WriteByte((byte)'\n');
        }
    }

    public string UserId(int customer) => $"s{_options.Seed}-c{customer:000000}";

    private void Write(StorefrontEventWriter events, Planned planned)
    {
        var user = UserId(planned.Customer);
        var messageId = $"{user}-{planned.Index}";
        var order = $"{user}-o{planned.Order}";
        var cart = planned.Order == NoOrder ? [new CartItem(Catalog.Products[planned.Item], 1)] : CartOf(planned.Customer, planned.Order);
        var item = planned.Order == NoOrder ? 0 : planned.Item;
        switch (planned.Kind)
        {
            case Kind.Identify:
                events.Identify(user, messageId, planned.TimeMs, Catalog.Name(SeededRandom.For(_options.Seed, (ulong)planned.Customer, 1)));
                break;
            case Kind.View:
                events.ProductViewed(user, messageId, planned.TimeMs, cart[item].Product);
                break;
            case Kind.Add:
                events.ProductAdded(user, messageId, planned.TimeMs, cart[item]);
                break;
            case Kind.Order:
                events.OrderCompleted(user, messageId, planned.TimeMs, order, cart);
                break;
            case Kind.Refund:
                events.OrderRefunded(user, messageId, planned.TimeMs, order, $"{order}-r", cart.AsSpan(0, 1));
                break;
            default:
                throw new InvalidOperationException($"no event is written for {planned.Kind}");
        }
    }

    private CartItem[] CartOf(int customer, int order) =>
        Catalog.Cart(SeededRandom.For(_options.Seed, (ulong)customer, 2 + (ulong)order));

    /// <summary>Plans the events of one customer.</summary>
    private sealed class CustomerPlan(SimulatedHistory history, SimulatedCustomer customer, SeededRandom random, long endMs)
    {
        private int _index;

        public void Make()
        {
            Plan(Kind.Identify, customer.PurchasesMs[0] - MsPerMinute / 2, NoOrder, 0);
            for (var order = 0; order < customer.PurchasesMs.Length; order++)
                PlanOrder(order, customer.PurchasesMs[order]);
            PlanVisits(customer.PurchasesMs[0], customer.DiedMs ?? endMs);
        }

        private void PlanOrder(int order, long atMs)
        {
            var cart = history.CartOf(customer.Number, order);
            customer.BoughtCents += StorefrontEventWriter.Cents(cart);
            for (var item = 0; item < cart.Length; item++)
            {
                var minutes = 1 + (cart.Length - item) * 2 + random.Below(2);
                Plan(Kind.View, atMs - minutes * MsPerMinute, order, item);
                Plan(Kind.Add, atMs - minutes * MsPerMinute + MsPerMinute / 2, order, item);
            }

            Plan(Kind.Order, atMs, order, 0);
            if (!random.Chance(RefundChance))
                return;
            var refundMs = atMs + 2 * MsPerDay + (long)(random.Uniform() * 18 * MsPerDay);
            if (refundMs > endMs)
                return;
            customer.RefundedCents += cart[0].ValueCents;
            Plan(Kind.Refund, refundMs, order, 0);
        }

        private void PlanVisits(long fromMs, long untilMs)
        {
            double Pause() => random.Exponential(customer.Rate * VisitsPerPurchase) * MsPerWeek;
            for (var at = fromMs + Pause(); at < untilMs; at += Pause())
            {
                var product = random.Below(Catalog.Products.Length);
                Plan(Kind.View, (long)at, NoOrder, product);
                if (random.Chance(CartLeftChance))
                    Plan(Kind.Add, Math.Min((long)at + MsPerMinute, untilMs), NoOrder, product);
            }
        }

        private void Plan(Kind kind, long timeMs, int order, int item) =>
            history._plan.Add(new Planned(timeMs, customer.Number, _index++, order, (byte)item, kind));
    }

    /// <param name="Index">Counts the customer's events; with the customer it decides the order within one instant.</param>
    /// <param name="Item">Place in the order's cart, or without an order the product.</param>
    private readonly record struct Planned(long TimeMs, int Customer, int Index, int Order, byte Item, Kind Kind) : IComparable<Planned>
    {
        public int CompareTo(Planned other) =>
            TimeMs != other.TimeMs ? TimeMs.CompareTo(other.TimeMs)
            : Customer != other.Customer ? Customer.CompareTo(other.Customer)
            : Index.CompareTo(other.Index);
    }
}
