using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Tests.Triggers;

public sealed class TriggerTests
{
    private const double Hour = 1 / 24.0;
    private const string CartLeft = """{"id":"cart-left","on":"cart_abandoned"}""";

    /// <summary>Entries of a story are recorded then at the earliest: a whole number of days, so midnight.</summary>
    private const double Now = 6_000;

    private const string Offers = """[{"id":"ten","kind":"percent","value":10,"title":"10% for you"}]""";

    [Fact]
    public void Cart_that_is_left_for_an_hour_is_answered_with_an_offer()
    {
        var shopper = Shopper(CartLeft);
        shopper.Fill(Now);
        Assert.Equal(Story.Ms(Now + Hour), shopper.Story.State.NextWakeMs);

        shopper.Wake(Now + Hour);

        Assert.Equal(("cart-left", "ten", "percent", 10m), shopper.Offered());
        Assert.Equal(Story.At(Now + Hour + 1)[..19], shopper.Best.GetProperty("validUntil").GetString()![..19]);
        Assert.Equal(1, shopper.Asked);
    }

    [Fact]
    public void Without_consent_nothing_is_asked_and_with_it_at_once()
    {
        var shopper = new Shopper(Program(CartLeft));
        shopper.Fill(Now);
        Assert.Equal(0, shopper.Story.WakeWhenDue(Now + 0.5).State.Triggers?.Histories.Count ?? 0);

        shopper.Consent(Now + 0.5, true);
        Assert.Equal("ten", shopper.Offered().Offer);

        shopper.Consent(Now + 0.6, false);
        Assert.Equal(JsonValueKind.Null, shopper.Best.ValueKind);
    }

    [Fact]
    public void Order_ends_the_question_and_the_offer()
    {
        var buyer = Shopper(CartLeft);
        buyer.Fill(Now);
        buyer.Order(Now + Hour / 2);
        buyer.Wake(Now + Hour);
        Assert.Equal(0, buyer.Asked);

        var late = Shopper(CartLeft);
        late.Fill(Now);
        late.Wake(Now + Hour);
        late.Order(Now + 2 * Hour);
        Assert.Equal(JsonValueKind.Null, late.Best.ValueKind);
        Assert.Contains("offer ended ten", late.Story.Notes);
    }

    [Fact]
    public void Offer_is_gone_at_the_instant_at_which_it_ends()
    {
        var shopper = Shopper("""{"id":"cart-left","on":"cart_abandoned","validHours":2}""");
        shopper.Fill(Now);
        shopper.Wake(Now + Hour);
        var untilMs = Ms(shopper.Best.GetProperty("validUntil"));
        Assert.Equal(untilMs, shopper.Story.State.NextWakeMs);

        Assert.NotEqual("null", Text(NextBestRenderer.Render(shopper.Story.State, untilMs - 1)));
        Assert.Equal("null", Text(NextBestRenderer.Render(shopper.Story.State, untilMs)));
        shopper.Story.Wake(untilMs);
        Assert.True(shopper.Story.Output.OfferChanged);
        Assert.Null(shopper.Story.State.Triggers!.Best);
    }

    [Fact]
    public void Offer_ends_with_its_own_end()
    {
        var until = Story.At(Now + 2 * Hour)[..19] + "Z";
        var shopper = new Shopper(Program(CartLeft, $$"""[{"id":"ten","title":"T","until":"{{until}}"}]""")).Consent(Now - 1, true);
        shopper.Fill(Now);

        shopper.Wake(Now + Hour);

        Assert.Equal(Story.Ms(Now + 2 * Hour), Ms(shopper.Best.GetProperty("validUntil")));
    }

    [Fact]
    public void Tier_is_answered_when_an_order_reaches_it_and_not_when_it_is_fallen_into()
    {
        const string Loyalty = """ "loyalty":{"tiers":{"windowDays":30,"graceDays":0,"levels":[{"name":"silver","from":50},{"name":"gold","from":100}]}} """;
        var shopper = new Shopper(Program("""{"id":"welcome","on":"tier_reached","frequency":{"times":0}}""", more: Loyalty)).Consent(Now - 1, true);
        shopper.Order(Now, 60);
        Assert.Equal("welcome", shopper.Offered().Policy);

        shopper.Order(Now + 10, 60);
        Assert.Equal(2, shopper.Asked);

        // The first order leaves the window: gold is over, silver is what is left.
        shopper.Wake(Now + 31);
        Assert.Equal("silver", shopper.Story.Profile.GetProperty("loyalty").GetProperty("tier").GetString());
        Assert.Equal(2, shopper.Asked);
    }

    [Fact]
    public void Risk_that_crosses_the_threshold_is_answered_until_the_customer_returns()
    {
        var shopper = Shopper("""{"id":"come-back","on":"churn_risk","placement":"win_back"}""");
        for (var i = 0; i < 4; i++)
            shopper.Order(Now + i * 7);
        var atMs = Ms(shopper.Story.Profile.GetProperty("churn").GetProperty("crossesAt")[0].GetProperty("at"));
        Assert.Equal(0, shopper.Asked);

        shopper.Wake((atMs - Story.StartMs) / 86_400_000.0);
        Assert.Equal("come-back", shopper.Offered().Policy);

        shopper.Order((atMs - Story.StartMs) / 86_400_000.0 + 0.2);
        Assert.Equal(JsonValueKind.Null, shopper.Best.ValueKind);
    }

    [Fact]
    public void Failed_payment_is_answered_at_once()
    {
        var shopper = Shopper("""{"id":"other-way","on":"payment_failed"}""");

        shopper.Track(Now, "Payment Failed");

        Assert.Equal("other-way", shopper.Offered().Policy);
    }

    [Fact]
    public void Condition_narrows_a_policy()
    {
        var shopper = Shopper("""{"id":"cart-left","on":"cart_abandoned","when":{"field":"orders","atLeast":1}}""");
        shopper.Fill(Now);
        shopper.Wake(Now + Hour);
        Assert.Equal(0, shopper.Asked);

        shopper.Order(Now + 2 * Hour);
        shopper.Fill(Now + 3 * Hour);
        shopper.Wake(Now + 4 * Hour);
        Assert.Equal(1, shopper.Asked);
    }

    [Fact]
    public void Frequency_caps_hold_for_the_policy_and_for_all()
    {
        var one = Shopper("""{"id":"cart-left","on":"cart_abandoned","frequency":{"times":1,"days":2}}""");
        for (var day = 0; day < 6; day++)
            one.Fill(Now + day).Wake(Now + day + 0.5);
        Assert.Equal(3, one.Asked);

        var all = new Shopper(Program(
            """{"id":"a","on":"cart_abandoned","frequency":{"times":0}},{"id":"b","on":"cart_abandoned","frequency":{"times":0}}""",
            rules: ""","frequency":{"times":1,"days":30}""")).Consent(Now - 1, true);
        all.Fill(Now).Wake(Now + Hour);
        all.Fill(Now + 1).Wake(Now + 1.5);

        // Both asked at the same instant, and the second saw what the first had offered.
        Assert.Equal((2, 1), (all.Asked, all.Made));
    }

    [Theory]
    [InlineData("Asia/Tokyo", 14, 22)]
    [InlineData("Nowhere/Else", 0, 7)]
    public void Night_is_the_customers_own(string zone, int begins, int ends)
    {
        // Hours in UTC, where the shop is: Tokyo's night is from 13 to 22 there.
        var shopper = new Shopper(Program(CartLeft, rules: ""","quietHours":{"from":"22:00","until":"07:00","timeZone":"UTC"}""")).Consent(Now - 1, true);
        shopper.Story.Identify(Now - 1, $$"""{"timezone":"{{zone}}"}""");

        shopper.Fill(Now + (begins * Hour));

        shopper.Wake(Now + (ends * Hour) - 0.001);
        Assert.Equal(0, shopper.Asked);
        shopper.Wake(Now + (ends * Hour));
        Assert.Equal(1, shopper.Asked);
    }

    [Fact]
    public void Nobody_is_asked_about_a_past_that_comes_in_late()
    {
        var shopper = Shopper(CartLeft);

        // Recorded a thousand days later.
        shopper.Fill(Now - 1_000 - 50);
        shopper.Order(Now - 1_000 - 20);
        shopper.Fill(Now - 1_000 - 10);
        shopper.Track(Now - 1_000, "Product Viewed");

        Assert.Equal(0, shopper.Asked);
    }

    [Fact]
    public void Same_events_in_any_order_and_twice_ask_once()
    {
        var cart = new[] { (Now, "Product Added"), (Now + 0.2 * Hour, "Product Added"), (Now + 0.1 * Hour, "Checkout Started"), (Now - 1, "Order Completed") };
        var digests = new HashSet<string>();
        foreach (var order in Permutations(cart.Length))
        {
            var shopper = Shopper(CartLeft);
            foreach (var place in order.Concat(order))
                shopper.Track(cart[place].Item1, cart[place].Item2, cart[place].Item2 == "Order Completed" ? """{"order_id":"o1","revenue":20}""" : "{}");
            shopper.Wake(Now + 1.2 * Hour);
            foreach (var place in order)
                shopper.Track(cart[place].Item1, cart[place].Item2, cart[place].Item2 == "Order Completed" ? """{"order_id":"o1","revenue":20}""" : "{}");
            shopper.Wake(Now + 3 * Hour);
            Assert.Equal((1, 1, 1), (shopper.Asked, shopper.Made, shopper.Pushes));
            digests.Add(shopper.Offered() + shopper.Best.GetProperty("validUntil").GetString()![..16]);
        }

        Assert.Single(digests);
    }

    [Fact]
    public void Journal_gives_the_same_state_again_and_so_does_a_reloaded_one()
    {
        var shopper = Shopper(CartLeft);
        shopper.Fill(Now).Wake(Now + Hour);
        shopper.Fill(Now + 9).Wake(Now + 9 + Hour);
        var again = CustomerState.Create(shopper.Story.State.Key);
        foreach (var entry in shopper.Story.Entries)
        {
            CustomerFold.Apply(again, entry, shopper.Story.Program, new FoldOutput());
            again = SnapshotCodec.Decode(SnapshotCodec.Encode(again));
        }

        Assert.Equal(Text(SnapshotCodec.Encode(shopper.Story.State)), Text(SnapshotCodec.Encode(again)));
        Assert.Equal(2, shopper.Made);
    }

    [Fact]
    public void Entry_gives_the_decision_back()
    {
        var shopper = Shopper(CartLeft, """[{"id":"ten","title":"T"},{"id":"other","title":"O"}]""");
        shopper.Fill(Now);
        var before = SnapshotCodec.Decode(SnapshotCodec.Encode(shopper.Story.WakeWhenDue(Now + Hour, 1).State));
        var (id, note) = shopper.DecideOnce();

        var read = DecisionNote.Read(note);

        Assert.Equal(Text(read.Answer), Text(read.Recompute(before, shopper.Story.Program, id)));
    }

    [Fact]
    public void Policy_may_name_its_offers()
    {
        var shopper = Shopper(
            """{"id":"cart-left","on":"cart_abandoned","offers":["b"]}""", """[{"id":"a","title":"A"},{"id":"b","title":"B"},{"id":"c","title":"C"}]""");

        shopper.Fill(Now).Wake(Now + Hour);

        Assert.Equal("b", shopper.Offered().Offer);
    }

    [Fact]
    public void Program_without_the_policy_ends_its_offer_and_one_with_a_new_policy_asks()
    {
        var shopper = Shopper(CartLeft);
        shopper.Fill(Now).Wake(Now + Hour);
        shopper.Story.Publish(Program(""));
        shopper.Story.Wake(shopper.Story.State.NextWakeMs);
        Assert.Null(shopper.Story.State.Triggers!.Best);

        shopper.Story.Publish(Program("""{"id":"second","on":"cart_abandoned","forHours":720}"""));
        Assert.Equal(1, shopper.Asked);
    }

    [Fact]
    public void Who_is_erased_is_told_that_nothing_is_offered()
    {
        var shopper = Shopper(CartLeft);
        shopper.Fill(Now).Wake(Now + Hour);

        shopper.Story.Own(EntryTypes.ErasureRequested, Now + 1, "{}");

        Assert.True(shopper.Story.Output.OfferChanged);
        Assert.DoesNotContain("ten", Text(SnapshotCodec.Encode(shopper.Story.State)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_said_to_a_visitor_counts_for_the_customer()
    {
        var (visitor, customer) = (Shopper(CartLeft), Shopper(CartLeft));
        visitor.Fill(Now).Wake(Now + Hour);

        (customer.Story.State.Triggers ??= new TriggerRecord()).Take(visitor.Story.Reload().State.Triggers!);
        customer.Fill(Now + 1).Wake(Now + 2);

        Assert.Equal(0, customer.Asked);
    }

    [Theory]
    [InlineData("""{"policies":[{"on":"cart_abandoned"}]}""", "triggers.policies[0].id")]
    [InlineData("""{"policies":[{"id":"a","on":"moon"}]}""", "triggers.policies[0].on")]
    [InlineData("""{"policies":[{"id":"a","on":"churn_risk","offers":["none"]}]}""", "triggers.policies[0].offers[0]")]
    [InlineData("""{"policies":[{"id":"a","on":"churn_risk"},{"id":"a","on":"churn_risk"}]}""", "triggers.policies[1].id")]
    [InlineData("""{"quietHours":{"from":"25:00"}}""", "triggers.quietHours.from")]
    [InlineData("""{"quietHours":{"timeZone":"Europe/Atlantis"}}""", "triggers.quietHours.timeZone")]
    public void Fault_in_a_policy_is_named(string triggers, string path)
    {
        var fault = Assert.Throws<ProgramException>(() => ProgramDocument.Parse(Encoding.UTF8.GetBytes($$"""{"triggers":{{triggers}}}""")));

        Assert.Contains(path, fault.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Document_gives_itself_back()
    {
        var program = Program(
            """{"id":"a","on":"payment_failed","enabled":false,"afterMinutes":5,"when":{"field":"orders","atLeast":1},"offers":["ten"],"consent":{"purpose":"p","channel":"c"}}""",
            rules: ""","quietHours":{"from":"21:30","until":"07:05","timeZone":"Asia/Tokyo"},"frequency":{"times":2,"days":3}""");

        Assert.Equal(Text(program.ToJson()), Text(ProgramDocument.Parse(program.ToJson()).ToJson()));
    }

    private static Shopper Shopper(string policies, string offers = Offers) => new Shopper(Program(policies, offers)).Consent(Now - 2_000, true);

    private static ProgramDocument Program(string policies, string offers = Offers, string rules = "", string more = "") => ProgramDocument.Parse(
        Encoding.UTF8.GetBytes($$"""{"offers":{{offers}},"triggers":{"policies":[{{policies}}]{{rules}}}{{(more.Length > 0 ? "," + more : "")}}}"""));

    private static long Ms(JsonElement instant) => instant.GetDateTimeOffset().ToUnixTimeMilliseconds();

    private static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    private static IEnumerable<int[]> Permutations(int count) => count == 1
        ? [[0]]
        : Permutations(count - 1).SelectMany(p => Enumerable.Range(0, count).Select(i => (int[])[.. p[..i], count - 1, .. p[i..]]));
}
