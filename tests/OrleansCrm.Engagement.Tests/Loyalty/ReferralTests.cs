using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Identity;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class ReferralTests
{
    private const string Ada = "user:ada";
    private const string Bob = "user:bob";

    private static readonly ProgramDocument Program = ProgramDocument.Parse(
        """{"loyalty":{"pointsPerUnit":0,"referral":{"referrer":100,"friend":40,"standDays":14,"limit":2,"limitDays":30}}}"""u8);

    [Fact]
    public void Both_are_rewarded_when_the_first_order_stands()
    {
        var home = Opened(out var code);
        Bring(home, Bob, 5.25, code);
        home.Do(Bob, s => s.Wake(19.9)).DeliverAll();
        Assert.Equal((0, 0), (home[Ada].Points, home[Bob].Points));
        Assert.Equal(Story.Ms(20), home[Bob].Reload().State.NextWakeMs);

        home.Do(Bob, s => s.Wake(20.0)).DeliverAll().Do(Bob, s => s.Order(21, "again")).Do(Bob, s => s.Wake(60.0)).DeliverAll();
        Assert.Equal((100, 40), (home[Ada].Points, home[Bob].Points));
        Assert.Equal("""{"code":"CODE","brought":1,"broughtBy":null}""".Replace("CODE", code, StringComparison.Ordinal), home[Ada].Reload().Profile.GetProperty("referral").GetRawText());
        Assert.True(home[Bob].Reload().Profile.GetProperty("referral").GetProperty("broughtBy").GetProperty("rewarded").GetBoolean());
    }

    [Fact]
    public void Order_that_is_sent_back_in_time_earns_nobody_anything()
    {
        var home = Opened(out var code);
        Bring(home, Bob, 5, code);
        home.Do(Bob, s => s.Refund(10, "bob", "r")).Do(Bob, s => s.Wake(60.0)).DeliverAll();
        Assert.Equal((0, 0), (home[Ada].Points, home[Bob].Points));
    }

    [Fact]
    public void Nobody_brings_himself_or_who_has_bought_before()
    {
        var home = Opened(out var code);
        Bring(home, Ada, 5, code);
        home.Order(Bob, 1, "before");
        Bring(home, Bob, 5, code);
        home.Do(Ada, s => s.Wake(60.0)).Do(Bob, s => s.Wake(60.0)).DeliverAll();
        Assert.Equal((0, 0), (home[Ada].Points, home[Bob].Points));
    }

    [Fact]
    public void Referrer_is_rewarded_so_often_within_the_time_and_no_more()
    {
        var home = Opened(out var code);
        for (var i = 0; i < 5; i++)
            Bring(home, "user:friend" + i, 5 + i, code);
        for (var i = 0; i < 5; i++)
            home.Do("user:friend" + i, s => s.Wake(60.0)).DeliverAll();
        Assert.Equal(200, home[Ada].Points);
        Assert.Equal(80, Enumerable.Range(0, 5).Sum(i => home["user:friend" + i].Points));
        Bring(home, "user:late", 60, code);
        home.Do("user:late", s => s.Wake(90.0)).DeliverAll();
        Assert.Equal(300, home[Ada].Points);
    }

    [Fact]
    public void Code_of_nobody_and_no_code_at_all_do_no_harm()
    {
        var home = new Household(Program);
        Bring(home, Bob, 5, "0000000000000");
        Bring(home, "user:eve", 5, "hello");
        home.Do(Bob, s => s.Wake(60.0)).Do("user:eve", s => s.Wake(60.0)).DeliverAll();
        Assert.Equal((0, 0), (home[Bob].Points, home["user:eve"].Points));
    }

    [Fact]
    public void Code_follows_its_customer_into_a_merge_and_no_event_can_take_it()
    {
        var home = new Household(Program).Order(Ada, 1, "a").Order("user:heir", 1, "h").SignIn("user:thief", 1, "anonymous:referral/" + CodeOf(Ada)).DeliverAll();
        Open(home, Ada, 2);
        home.Merge("user:heir", 3, Ada).DeliverAll();
        Bring(home, Bob, 5, CodeOf(Ada));
        home.Do(Bob, s => s.Wake(60.0)).DeliverAll();
        Assert.Equal((100, 0), (home["user:heir"].Points, home["user:thief"].Points));
    }

    [Fact]
    public void Whatever_is_delivered_twice_and_in_any_order_earns_once()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var home = new Household(Program).Order(Ada, 1, "a");
            Open(home, Ada, 2);
            home.DeliverAll();
            Bring(home, Bob, 5, CodeOf(Ada));
            Bring(home, "user:eve", 5, CodeOf(Ada));
            home.DeliverSome(random);
            home.Do(Bob, s => s.Wake(60.0)).Do("user:eve", s => s.Wake(60.0));
            while (home.Undelivered > 0)
                home.DeliverSome(random);
            Assert.True((home[Ada].Points, home[Bob].Points, home["user:eve"].Points) is (200, 40, 40), $"seed {seed}: {home[Ada].Points}");
            Assert.Equal(0, home.AllAccounts);
        }
    }

    private static string CodeOf(string id) => Engagement.Loyalty.Referrals.CodeOf(Engagement.Customers.CustomerState.Create("default/" + id));

    private static Household Opened(out string code)
    {
        var home = new Household(Program).Order(Ada, 1, "a");
        Open(home, Ada, 2);
        code = CodeOf(Ada);
        return home.DeliverAll();
    }

    private static void Open(Household home, string id, double day) => home.Do(id, s => s.Own(EntryTypes.ReferralOpen, day, "{}"));

    private static void Bring(Household home, string id, double day, string code) => home.Do(id, s => s.Track(
        day, "Order Completed", $$"""{"order_id":"{{id[5..]}}","revenue":10,"referral_code":"{{code.ToLowerInvariant()}}"}"""));
}
