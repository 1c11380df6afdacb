using System.Globalization;
using System.Text;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Engagement.Tests.Reserves;

/// <summary>A budget of money: the customer's state, a partition's slice, and what they tell each other.</summary>
public sealed class AmountBudgetTests
{
    private const double Minute = 1.0 / 1_440;

    private readonly ProgramDocument _program = Program("""{"id":"o1","title":"A","kind":"percent","value":10,"budget":{"amount":100},"holdSeconds":900}""");
    private readonly Story _customer;
    private readonly Story _slice;
    private ulong _nonce;

    public AmountBudgetTests() => (_customer, _slice) = Open(_program, 20);

    [Fact]
    public void Cart_that_grows_takes_the_rest_and_the_order_counts_what_was_given()
    {
        Assert.Equal(("5 EUR", "2024-01-02T00:15:00.000Z"), Decide(1, 50));
        Assert.Equal(("8 EUR", "2024-01-02T00:15:00.000Z"), Decide(1 + Minute, 80));
        Assert.Equal(("8 EUR", "2024-01-02T00:15:00.000Z"), Decide(1 + 2 * Minute, 30));
        Assert.Equal((12, 8, 0), Standing());

        Order(1 + 3 * Minute, "a", ",\"discount\":6.5");

        Assert.Equal((13.5m, 0, 6.5m), Standing());
        _customer.Reload().Cancel(1.5, "a");
        Deliver();
        Assert.Equal((20, 0, 0), Standing());
    }

    [Theory]
    [InlineData("", 5)]
    [InlineData(",\"discount\":\"-2.50\"", 2.5)]
    [InlineData(",\"discount\":0", 0)]
    [InlineData(",\"discount\":70", 5)]
    [InlineData(",\"discount\":{\"what\":\"ever\"}", 5)]
    public void Order_takes_what_it_says_was_given_off_and_never_more_than_was_held(string said, double spent)
    {
        Decide(1, 50);

        Order(1 + Minute, "a", said);

        Assert.Equal((20 - (decimal)spent, 0, (decimal)spent), Standing());
    }

    [Fact]
    public void Discount_is_no_more_than_what_is_held_where_the_budget_has_no_more()
    {
        Decide(1, 150);

        var asked = Ask(1 + Minute, 250);
        var (refused, answer) = (Assert.Single(asked.Takes), Ask(1 + Minute, 250, _program.Offers[0].Key));

        Assert.Equal(10_000_000, refused.Amount);
        Take(refused, 1 + Minute);
        Assert.Equal(ReserveCodes.Spent, _slice.Output.Command?.Code);
        Assert.Empty(answer.Takes);
        Assert.Equal(("15 EUR", "2024-01-02T00:15:00.000Z"), Shown(answer));
        Assert.Equal(answer.Answer, DecisionNote.Read(answer.Note).Recompute(_customer.State, _program, new DecisionId(7, 0, _nonce)));
        Assert.Equal((5, 15, 0), Standing());
    }

    [Fact]
    public void Parts_that_the_same_customer_took_at_once_are_counted_once()
    {
        var program = Program(
            """{"id":"o1","title":"A","kind":"amount","value":5,"budget":{"amount":100}}""", """{"id":"o2","title":"B","budget":{"times":10}}""");
        foreach (var offer in program.Offers)
        {
            var unit = offer.Budget.Times > 0 ? 1 : 1_000_000m;
            var (customer, slice) = Open(program, 10, offer);
            var both = new[] { Ask(customer, 1, 50, program), Ask(customer, 1, 50, program) };
            foreach (var made in both)
            {
                var take = Assert.Single(made.Takes, t => t.Offer == offer.Key);
                slice.Own(EntryTypes.BudgetTake, 1, Encoding.UTF8.GetString(ReserveMessages.Take(take.Hold, take.Amount, take.UntilMs)));
                customer.Own(EntryTypes.DecisionMade, 1, Encoding.UTF8.GetString(made.Note));
            }

            var cost = offer.CostOf(0) / unit;
            Assert.Equal((10 - 2 * cost, 2 * cost, 0), Standing(slice, unit));
            customer.Order(1 + Minute, "a");
            Deliver(customer, slice);
            Assert.Equal((10 - cost, 0, cost), Standing(slice, unit));
        }
    }

    [Fact]
    public void Share_of_a_cart_whose_currency_has_no_rate_is_not_offered()
    {
        var program = ProgramDocument.Parse(Encoding.UTF8.GetBytes(
            """{"rates":{"USD":0.5},"offers":[{"id":"o1","title":"A","kind":"percent","value":10,"budget":{"amount":100}}]}"""));
        var customer = new Story(program: program);

        var (dollars, crowns) = (Ask(customer, 1, 50, program, "USD"), Ask(customer, 1, 50, program, "SEK"));

        Assert.Equal(2_500_000, Assert.Single(dollars.Takes).Amount);
        Assert.Equal("5 USD", Shown(dollars).Most);
        Assert.Empty(crowns.Takes);
        Assert.Equal("cart", Story.Json(crowns.Answer).GetProperty("explanation").GetProperty("offers")[0].GetProperty("reasons")[0].GetString());
    }

    private static ProgramDocument Program(params string[] offers) =>
        ProgramDocument.Parse(Encoding.UTF8.GetBytes($$"""{"offers":[{{string.Join(',', offers)}}]}"""));

    private static (Story Customer, Story Slice) Open(ProgramDocument program, int amount, Offer? offer = null)
    {
        offer ??= program.Offers[0];
        var slice = new Story(ReserveKeys.Slice("default", 7, offer.Key), program);
        var granted = offer.Budget.Times > 0 ? amount : amount * 1_000_000;
        slice.Own(EntryTypes.BudgetGrant, 0, string.Create(CultureInfo.InvariantCulture, $$"""{"amount":{{granted}}}"""));
        return (new Story(program: program), slice);
    }

    /// <returns>The most that may be given, and until when.</returns>
    private (string? Most, string? Until) Decide(double day, int total)
    {
        var made = Ask(day, total);
        foreach (var take in made.Takes)
        {
            Take(take, day);
            Assert.Equal("", _slice.Output.Command?.Code);
        }

        _customer.Own(EntryTypes.DecisionMade, day, Encoding.UTF8.GetString(made.Note)).Reload();
        return Shown(made);
    }

    private Decision Ask(double day, int total, params ulong[] exhausted) => Ask(_customer, day, total, _program, "EUR", exhausted);

    private Decision Ask(Story customer, double day, int total, ProgramDocument program, string currency = "EUR", params ulong[] exhausted) => Decider.Decide(
        customer.State, program, new DecisionQuestion("checkout", currency, total * 1_000_000L, [], 3, []), DecisionTables.Empty, new DecisionId(7, 0, ++_nonce),
        Story.Ms(day), false, exhausted);

    private void Take(BudgetTake take, double day) =>
        _slice.Own(EntryTypes.BudgetTake, day, Encoding.UTF8.GetString(ReserveMessages.Take(take.Hold, take.Amount, take.UntilMs)));

    private void Order(double day, string id, string more)
    {
        _customer.Track(day, "Order Completed", $$"""{"order_id":"{{id}}","revenue":45,"currency":"EUR"{{more}}}""");
        Deliver();
    }

    private void Deliver() => Deliver(_customer, _slice);

    private static void Deliver(Story customer, Story slice)
    {
        foreach (var sent in customer.Output.Outgoing.Where(o => o.Entry?.Customer == slice.State.Key).ToArray())
            slice.Receive(sent.Entry!);
    }

    private static (string? Most, string? Until) Shown(Decision made)
    {
        var offer = Story.Json(made.Answer).GetProperty("offers")[0];
        var most = offer.GetProperty("maxDiscount");
        return (most.GetProperty("amount").GetRawText() + " " + most.GetProperty("currency").GetString(), offer.GetProperty("heldUntil").GetString());
    }

    private (decimal Free, decimal Held, decimal Spent) Standing() => Standing(_slice, 1_000_000m);

    private static (decimal Free, decimal Held, decimal Spent) Standing(Story slice, decimal unit) =>
        slice.State.Reserve is SliceReserve reserve ? (reserve.Free / unit, reserve.Holds.Sum(h => h.Amount) / unit, reserve.Spent / unit) : default;
}
