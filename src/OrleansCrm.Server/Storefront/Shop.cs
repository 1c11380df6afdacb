using System.Buffers;
using System.Text.Json;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Storefront;

/// <summary>
/// An invented shop. Three kinds of people come: ordinary shoppers, who look around and sometimes buy; customers of long standing whose
/// past orders reach the engine only now, with a silence behind them that is long for their rhythm, of whom some come back and buy; and
/// regular customers with whom something goes wrong.
/// </summary>
internal sealed class Shop
{
    /// <summary>Shoppers that may visit again; the oldest are forgotten.</summary>
    public const int ShoppersMax = 500;

    private const double ReturnChance = 0.35;
    private const double NewShopperChance = 0.3;
    private const int SilentAtOnce = 3;
    private const long MsPerHour = 3600 * 1000L;
    private const long MsPerDay = 24 * MsPerHour;
    private const string Currency = "EUR";

    /// <summary>
    /// Orders, days between them, days since the last. Each silence lies amid the stretch in which the default program sees the customer at
    /// risk and not yet lost.
    /// </summary>
    public static readonly (int Orders, int GapDays, int SilenceDays)[] Rhythms =
    [
        (8, 7, 62), (6, 14, 98), (10, 7, 57), (5, 21, 125), (4, 30, 150), (13, 10, 67), (8, 21, 120), (10, 14, 88),
    ];

    private readonly StorefrontOptions _options;
    private readonly SeededRandom _random;
    private readonly string _run;
    private readonly PriorityQueue<Action<Basket>, (long DueMs, int Number)> _agenda = new();
    private readonly Queue<Person> _shoppers = new();
    private int _people;
    private int _plans;
    private int _troubles;

    public Shop(StorefrontOptions options, ulong seed, long nowMs)
    {
        _options = options;
        _random = new SeededRandom(seed);
        _run = $"{_random.Next() & 0xffffff:x6}";
        for (var i = 0; i < SilentAtOnce; i++)
            At(nowMs, RevealSilent);
        At(nowMs + MeanMs(_options.SilentEvery), SilentLater);
        At(nowMs + MeanMs(_options.TroubleEvery), TroubleLater);
        At(nowMs, VisitLater);
    }

    /// <summary>When something is due next, Unix milliseconds.</summary>
    public long NextDueMs => _agenda.TryPeek(out _, out var due) ? due.DueMs : long.MaxValue;

    /// <summary>What has happened up to now: event objects, in order. A shop that was kept waiting does not make up for it.</summary>
    public byte[][] Step(long nowMs)
    {
        using var basket = new Basket(nowMs, Currency);
        while (_agenda.TryPeek(out var plan, out var due) && due.DueMs <= nowMs && basket.Events.Count < 400)
        {
            _agenda.Dequeue();
            plan(basket);
        }

        return [.. basket.Events];
    }

    private void SilentLater(Basket basket)
    {
        RevealSilent(basket);
        At(basket.NowMs + MeanMs(_options.SilentEvery), SilentLater);
    }

    private void TroubleLater(Basket basket)
    {
        RevealTrouble(basket);
        At(basket.NowMs + MeanMs(_options.TroubleEvery), TroubleLater);
    }

    private void VisitLater(Basket basket)
    {
        Visit(basket);
        At(basket.NowMs + MeanMs(TimeSpan.FromSeconds(1 / _options.Rate)), VisitLater);
    }

    private void RevealSilent(Basket basket)
    {
        var person = NewPerson();
        var (orders, gapDays, silenceDays) = Rhythms[_random.Below(Rhythms.Length)];
        var lastMs = basket.NowMs - silenceDays * MsPerDay;
        var firstMs = lastMs - (orders - 1) * gapDays * MsPerDay;
        Register(basket, person, firstMs - 60_000);
        for (var i = 0; i < orders; i++)
        {
            // Up to a tenth of the gap early or late: a rhythm, not a clock.
            var jitter = i == orders - 1 ? 0 : (long)((_random.Uniform() - 0.5) * 0.2 * gapDays * MsPerDay);
            Order(basket, person, firstMs + i * gapDays * MsPerDay + jitter);
        }

        if (_random.Chance(ReturnChance))
            At(basket.NowMs + 25_000 + _random.Below(65_000), later => Buy(later, person));
    }

    /// <summary>Somebody who buys every week or two and did so a few days ago; one trouble after the other, so that each is seen.</summary>
    private void RevealTrouble(Basket basket)
    {
        var person = NewPerson();
        var (orders, gapMs) = (3 + _random.Below(5), (7 + _random.Below(8)) * MsPerDay);
        var lastMs = basket.NowMs - (2 + _random.Below(3)) * MsPerDay;
        Register(basket, person, lastMs - orders * gapMs);
        for (var i = orders - 1; i >= 0; i--)
            Order(basket, person, lastMs - i * gapMs);
        basket.Add(e =>
        {
            switch (_troubles++ % 4)
            {
                case 0:
                    e.PaymentFailed(person.User, person.NextMessage(), basket.NowMs);
                    break;
                case 1:
                    e.TicketOpened(person.User, person.NextMessage(), basket.NowMs - 25 * MsPerHour, person.User + "-ticket");
                    break;
                case 2:
                    e.SurveyAnswered(person.User, person.NextMessage(), basket.NowMs, person.User + "-survey", 1 + _random.Below(2));
                    break;
                default:
                    e.ProductAdded(person.User, person.NextMessage(), basket.NowMs - 5 * MsPerHour, Catalog.Cart(_random)[0]);
                    break;
            }
        });
    }

    private void Visit(Basket basket)
    {
        if (_shoppers.Count > 0 && !_random.Chance(NewShopperChance))
        {
            var known = _shoppers.Dequeue();
            _shoppers.Enqueue(known);
            Browse(basket, known);
            return;
        }

        var person = NewPerson();
        Register(basket, person, basket.NowMs);
        Browse(basket, person);
        _shoppers.Enqueue(person);
        if (_shoppers.Count > ShoppersMax)
            _shoppers.Dequeue();
    }

    private void Browse(Basket basket, Person person)
    {
        var cart = Catalog.Cart(_random);
        foreach (var item in cart)
            basket.Add(e => e.ProductViewed(person.User, person.NextMessage(), basket.NowMs, item.Product));
        if (_random.Chance(0.4))
            basket.Add(e => e.ProductAdded(person.User, person.NextMessage(), basket.NowMs, cart[0]));
        if (_random.Chance(0.2))
            Order(basket, person, basket.NowMs);
    }

    private void Buy(Basket basket, Person person)
    {
        var product = Catalog.Products[_random.Below(Catalog.Products.Length)];
        basket.Add(e => e.ProductViewed(person.User, person.NextMessage(), basket.NowMs, product));
        Order(basket, person, basket.NowMs);
    }

    private void Order(Basket basket, Person person, long timeMs) => basket.Add(e =>
        e.OrderCompleted(person.User, person.NextMessage(), timeMs, $"{person.User}-o{person.Orders++}", Catalog.Cart(_random)));

    private static void Register(Basket basket, Person person, long timeMs) =>
        basket.Add(e => e.Identify(person.User, person.NextMessage(), timeMs, person.Name));

    private Person NewPerson() => new($"shopper-{_run}-{_people++:0000}", Catalog.Name(_random));

    private void At(long dueMs, Action<Basket> plan) => _agenda.Enqueue(plan, (dueMs, _plans++));

    private long MeanMs(TimeSpan mean) => 1 + (long)_random.Exponential(1 / mean.TotalMilliseconds);

    private sealed class Person(string user, string name)
    {
        private int _messages;

        public string User => user;

        public string Name => name;

        public int Orders { get; set; }

        public string NextMessage() => $"{user}-{_messages++}";
    }

    /// <summary>What is to be sent next.</summary>
    private sealed class Basket : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(1024);
        private readonly Utf8JsonWriter _json;
        private readonly StorefrontEventWriter _writer;

        public Basket(long nowMs, string currency)
        {
            NowMs = nowMs;
            _json = new Utf8JsonWriter(_buffer, StorefrontEventWriter.WriterOptions);
            _writer = new StorefrontEventWriter(_json, currency);
        }

        public long NowMs { get; }

        public List<byte[]> Events { get; } = [];

        public void Add(Action<StorefrontEventWriter> write)
        {
            write(_writer);
            _json.Flush();
            Events.Add(_buffer.WrittenSpan.ToArray());
            _buffer.ResetWrittenCount();
            _json.Reset();
        }

        public void Dispose() => _json.Dispose();
    }
}
