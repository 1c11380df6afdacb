using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Identity;

namespace OrleansCrm.Engagement.Tests.Triggers;

/// <summary>What is offered to somebody who is not signed in, and what becomes of it when he is.</summary>
public sealed class VisitorTests
{
    private const string User = "user:u";
    private const string Visitor = "anonymous:a";

    /// <summary>Entries of a story are recorded then at the earliest.</summary>
    private const double Now = 6_000;

    private const double Minute = 1 / 1_440.0;

    private static readonly ProgramDocument Program = ProgramDocument.Parse(Encoding.UTF8.GetBytes(
        """
        {"offers":[{"id":"ten","kind":"percent","value":10,"title":"10% for you"}],
         "triggers":{"policies":[{"id":"pay-again","on":"payment_failed","frequency":{"times":0}}],"frequency":{"times":0}}}
        """));

    [Fact]
    public void Visitor_is_offered_what_a_customer_is_and_only_with_consent()
    {
        var home = new Household(Program);
        Fail(home, Now).DeliverAll();
        Assert.Equal(JsonValueKind.Null, BestOf(home, Visitor).ValueKind);

        Consent(home, Visitor, Now + Minute, true).DeliverAll();

        Assert.Equal("ten", BestOf(home, Visitor).GetProperty("offerId").GetString());
    }

    [Fact]
    public void Offer_to_a_visitor_moves_to_the_customer_who_signs_in_and_ends_with_the_order()
    {
        var home = Offered();
        var offer = BestOf(home, Visitor).GetRawText();

        home.SignIn(User, Now + Minute, Visitor).DeliverAll();

        Assert.Equal((offer, JsonValueKind.Null), (BestOf(home, User).GetRawText(), BestOf(home, Visitor).ValueKind));
        Assert.True(home[User].Output.OfferChanged);
        Assert.Equal(1, home.Asked);

        home.Order(User, Now + 2 * Minute, "o1").DeliverAll();
        Assert.Equal(JsonValueKind.Null, BestOf(home, User).ValueKind);
    }

    [Fact]
    public void Customer_who_has_refused_since_is_offered_nothing_by_signing_in()
    {
        var home = Offered();
        Consent(home, User, Now - 0.5, false);

        home.SignIn(User, Now + Minute, Visitor).DeliverAll();

        Assert.Equal((JsonValueKind.Null, 1), (BestOf(home, User).ValueKind, home.Asked));
    }

    [Fact]
    public void Event_of_the_linked_id_offers_to_the_customer()
    {
        var home = Consent(new Household(Program), Visitor, Now - 1, true).SignIn(User, Now - 0.5, Visitor).DeliverAll();

        Fail(home, Now).DeliverAll();

        Assert.Equal(("ten", JsonValueKind.Null), (BestOf(home, User).GetProperty("offerId").GetString(), BestOf(home, Visitor).ValueKind));
    }

    [Fact]
    public void Offer_is_made_once_wherever_signing_in_meets_it()
    {
        var asked = new HashSet<int>();
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var home = Consent(new Household(Program), Visitor, Now - 1, true).DeliverAll();
            var steps = new List<Action> { () => Fail(home, Now), () => home.SignIn(User, Now + Minute, Visitor) };
            if (random.Next(2) == 0)
                steps.Reverse();
            foreach (var step in steps)
            {
                step();
                for (var i = random.Next(5); i > 0; i--)
                    home.DeliverSome(random);
                if (random.Next(3) == 0)
                    home.Do(random.Next(2) == 0 ? User : Visitor, s => s.Reload().Output.Clear());
            }

            while (home.Undelivered > 0)
                home.DeliverSome(random);

            Assert.True(BestOf(home, User).ValueKind == JsonValueKind.Object, $"seed {seed}: nothing is offered");
            Assert.Equal(JsonValueKind.Null, BestOf(home, Visitor).ValueKind);
            Assert.Single(Assert.Single(home[User].State.Triggers!.Histories).Times);
            Assert.Single(Assert.Single(home[User].State.Offers!.Offers).Exposures);
            Assert.All(home.All, AssertReplays);
            asked.Add(home.Asked);
        }

        // Where the answer was overtaken, the customer has asked anew.
        Assert.Equal([1, 2], asked.Order());
    }

    private static Household Offered()
    {
        var home = Consent(new Household(Program), Visitor, Now - 1, true);
        return Fail(home, Now).DeliverAll();
    }

    private static Household Fail(Household home, double day) =>
        home.Tell(Visitor, day, EntryTypes.Track, """{"type":"track","event":"Payment Failed","anonymousId":"a"}""");

    private static Household Consent(Household home, string id, double day, bool isGranted) => home.Tell(
        id,
        day,
        EntryTypes.Track,
        $$$"""{"type":"track","event":"Consent Changed","properties":{"purpose":"marketing","channel":"shop","granted":{{{(isGranted ? "true" : "false")}}}}}""");

    private static JsonElement BestOf(Household home, string id) => home[id].Profile.GetProperty("nextBestOffer");

    private static void AssertReplays(Story story)
    {
        var again = CustomerState.Create(story.State.Key);
        foreach (var entry in story.Entries)
            CustomerFold.Apply(again, entry, story.Program, new FoldOutput());
        Assert.Equal(Encoding.UTF8.GetString(SnapshotCodec.Encode(story.State)), Encoding.UTF8.GetString(SnapshotCodec.Encode(again)));
    }
}
