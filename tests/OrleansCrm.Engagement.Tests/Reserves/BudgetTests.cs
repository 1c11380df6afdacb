using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Engagement.Tests.Reserves;

public sealed class BudgetTests
{
    private const int Partitions = 8;
    private const double Minute = 1.0 / 1_440;

    private static readonly ProgramDocument Program =
        ProgramDocument.Parse("""{"offers":[{"id":"o1","title":"A","budget":{"times":100},"holdSeconds":900}]}"""u8.ToArray());

    private static readonly ulong Offer = Program.Offers[0].Key;

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(1, 20).Select(seed => (ulong)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Slices_taken_from_at_once_never_exceed_the_total_and_lose_nothing(ulong seed)
    {
        var net = new Net();
        var random = new SeededRandom(seed);
        var held = new List<(int Partition, ulong Hold)>();
        var (clock, holds) = (0.0, 0UL);
        for (var i = 0; i < 1_500; i++)
        {
            clock += random.Uniform() * Minute;
            var partition = random.Below(i % 500 < 250 ? 2 : Partitions);
            if (net.Take(partition, ++holds, clock))
                held.Add((partition, holds));
            if (held.Count > 0 && random.Chance(0.1))
            {
                var place = random.Below(held.Count);
                net.Slice(held[place].Partition).Own(
                    random.Chance(0.5) ? EntryTypes.BudgetSpent : EntryTypes.BudgetRelease, clock, Encoding.UTF8.GetString(ReserveMessages.Spent(held[place].Hold, 1)));
                held.RemoveAt(place);
            }

            while (random.Chance(0.6) && net.Deliver(random))
                Assert.InRange(net.Handed, 0, 100);
            if (random.Chance(0.05))
                net.Slice(random.Below(Partitions)).Reload();
            Assert.InRange(net.Handed, 0, 100);
        }

        // Whatever was held and not used comes back, from wherever it is, until the last part is spent.
        var spent = net.Spent;
        for (var i = 0; i < 4_000 && net.Spent < 100; i++)
        {
            clock += 2 * Minute;
            if (net.Take(3, ++holds, clock))
                net.Slice(3).Own(EntryTypes.BudgetSpent, clock, Encoding.UTF8.GetString(ReserveMessages.Spent(holds, 1)));
            for (var partition = 0; partition < Partitions; partition++)
                net.Slice(partition).Own(EntryTypes.Wake, clock, "{}");
            while (net.Deliver(random))
                Assert.InRange(net.Handed, 0, 100);
        }

        Assert.InRange(spent, 1, 100);
        Assert.Equal(100, net.Spent);
        Assert.False(net.Take(3, ++holds, clock + 1));
    }

    [Fact]
    public void Order_within_the_hold_spends_it_and_its_cancellation_gives_it_back()
    {
        var (customer, slice) = (new Story(program: Program), new Story(ReserveKeys.Slice("default", 7, Offer), Program));
        slice.Own(EntryTypes.BudgetGrant, 0, """{"amount":1}""");
        var made = Decide(customer, 1, 1);
        var take = Assert.Single(made.Takes);
        slice.Own(EntryTypes.BudgetTake, 1, Encoding.UTF8.GetString(ReserveMessages.Take(take.Hold, take.Amount, take.UntilMs)));
        customer.Own(EntryTypes.DecisionMade, 1, Encoding.UTF8.GetString(made.Note)).Reload();

        Assert.Empty(Decide(customer, 1 + Minute, 2).Takes);
        Assert.Equal(
            """{"offerId":"o1","kind":"message","title":"A","value":0,"score":1,"reasons":["likeliest_to_convert"],"heldUntil":"2024-01-02T00:15:00.000Z"}""",
            Story.Json(made.Answer).GetProperty("offers")[0].GetRawText());

        customer.Order(1 + 2 * Minute, "a");
        slice.Receive(Assert.Single(customer.Output.Outgoing, o => o.Entry is not null).Entry!);
        Assert.Equal((0, 1), Standing(slice));
        Assert.Single(Decide(customer, 1 + 3 * Minute, 3).Takes);

        customer.Reload().Cancel(1.5, "a");
        slice.Receive(Assert.Single(customer.Output.Outgoing, o => o.Entry is not null).Entry!);
        Assert.Equal((1, 0), Standing(slice));
        customer.Cancel(1.6, "a");
        Assert.DoesNotContain(customer.Output.Outgoing, o => o.Entry is not null);
    }

    [Fact]
    public void Order_that_is_told_after_the_hold_has_gone_to_another_is_not_covered_and_gives_nothing_back()
    {
        var slice = new Story(ReserveKeys.Slice("default", 7, Offer), Program);
        slice.Own(EntryTypes.BudgetGrant, 0, """{"amount":1}""");
        void Take(ulong hold, double day) => slice.Own(EntryTypes.BudgetTake, day, Encoding.UTF8.GetString(ReserveMessages.Take(hold, 1, Story.Ms(day + 15 * Minute))));
        void Say(string type, ulong hold, double day) => slice.Own(type, day, Encoding.UTF8.GetString(ReserveMessages.Spent(hold, 1)));

        Take(1, 1);
        slice.Own(EntryTypes.Wake, 1 + 16 * Minute, "{}");
        Take(2, 1.1);
        Assert.Equal("", slice.Output.Command?.Code);
        Say(EntryTypes.BudgetSpent, 1, 1.1);
        Say(EntryTypes.BudgetSpent, 2, 1.1);
        Assert.Equal((0, 1), Standing(slice));
        Say(EntryTypes.BudgetUnspent, 1, 1.2);

        Assert.Equal((0, 1), Standing(slice.Reload()));
    }

    [Fact]
    public void Offer_without_budget_left_is_not_shown_and_the_note_gives_the_same_answer()
    {
        var customer = new Story(program: Program);

        var made = Decide(customer, 1, 1, Offer);

        Assert.Empty(made.Takes);
        Assert.Equal("budget", Story.Json(made.Answer).GetProperty("explanation").GetProperty("offers")[0].GetProperty("reasons")[0].GetString());
        Assert.Equal(made.Answer, DecisionNote.Read(made.Note).Recompute(customer.State, Program, new DecisionId(7, 0, 1)));
    }

    [Theory]
    [InlineData("""{"kind":"percent","value":10}""", 50, 5_000_000)]
    [InlineData("""{"kind":"amount","value":7.5}""", 50, 7_500_000)]
    public void Budget_of_an_amount_is_taken_from_by_what_the_offer_costs(string offer, int total, long cost)
    {
        var program = ProgramDocument.Parse(Encoding.UTF8.GetBytes("""{"offers":[{"id":"o1","title":"A","budget":{"amount":100},""" + offer[1..] + "]}"));

        Assert.Equal(cost, program.Offers[0].CostOf(total * 1_000_000L));
        Assert.Equal(100_000_000, program.Offers[0].Budget.AmountMicros);
    }

    private static Decision Decide(Story story, double day, ulong nonce, params ulong[] exhausted) => Decider.Decide(
        story.State, story.Program, new DecisionQuestion("checkout", "EUR", 50_000_000, [], 3, []), DecisionTables.Empty, new DecisionId(7, 0, nonce),
        Story.Ms(day), false, exhausted);

    private static (long Free, long Spent) Standing(Story slice) => slice.State.Reserve is SliceReserve reserve ? (reserve.Free, reserve.Spent) : default;

    /// <summary>A budget and its slices, and what is on its way between them: in order from each to each, otherwise in any.</summary>
    private sealed class Net
    {
        private readonly Dictionary<string, Story> _all = [];
        private readonly Dictionary<(string From, string To), Queue<OutgoingEntry>> _underWay = [];

        public long Spent => Slices.Sum(s => s.Spent);

        /// <summary>What slices have, and what is on its way to or from them.</summary>
        public long Handed => Slices.Sum(s => s.Free + s.Spent + s.Holds.Sum(h => h.Amount)) + _underWay.Values.SelectMany(q => q)
            .Where(e => e.Type is EntryTypes.BudgetGrant or EntryTypes.BudgetReturn).Sum(e => Story.Json(e.Payload).GetProperty("amount").GetInt64());

        private IEnumerable<SliceReserve> Slices => _all.Values.Select(s => s.State.Reserve).OfType<SliceReserve>();

        public Story Slice(int partition) => Of(ReserveKeys.Slice("default", partition, Offer), partition);

        public bool Take(int partition, ulong hold, double day)
        {
            var slice = Slice(partition);
            slice.Own(EntryTypes.BudgetTake, day, Encoding.UTF8.GetString(ReserveMessages.Take(hold, 1, Story.Ms(day + 15 * Minute))));
            Send(slice);
            return slice.Output.Command!.Code.Length == 0;
        }

        public bool Deliver(SeededRandom random)
        {
            var waiting = _underWay.Where(w => w.Value.Count > 0).ToArray();
            if (waiting.Length == 0)
                return false;
            var entry = waiting[random.Below(waiting.Length)].Value.Dequeue();
            var receiver = Of(entry.Customer, 0);
            receiver.Receive(entry);
            Send(receiver);
            return true;
        }

        private void Send(Story from)
        {
            foreach (var outgoing in from.Output.Outgoing)
            {
                var way = (from.State.Key, outgoing.Entry!.Customer);
                if (!_underWay.TryGetValue(way, out var queue))
                    _underWay.Add(way, queue = new Queue<OutgoingEntry>());
                queue.Enqueue(outgoing.Entry);
            }
        }

        private Story Of(string key, int partition)
        {
            if (!_all.TryGetValue(key, out var story))
                _all.Add(key, story = new Story(key, Program, partition));
            return story;
        }
    }
}
