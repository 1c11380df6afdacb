using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Identity;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class TransferTests
{
    private const string Ada = "user:ada";
    private const string Bob = "user:bob";

    private static readonly ProgramDocument Program = ProgramDocument.Parse("""{"loyalty":{"expiry":{"afterDays":100,"noticeDays":0}}}"""u8);

    [Fact]
    public void Points_pass_through_in_transit_with_the_expiry_that_they_had()
    {
        var home = Opened().Order(Ada, 0.5, "a", 50).Order(Ada, 10.5, "b", 50).Order(Bob, 20.5, "c", 7);
        var answer = Give(home, Ada, 30, "k", 70, Bob);
        Assert.Equal(("", 30, 7, 70), (answer.Code, home[Ada].Points, home[Bob].Points, home.InTransit));

        home.DeliverAll();
        Assert.Equal((30, 77, 0), (home[Ada].Points, home[Bob].Points, home.InTransit));
        home.Do(Bob, s => s.Wake(101.0));
        Assert.Equal(27, home[Bob].Points);
        home.Do(Bob, s => s.Wake(111.0));
        Assert.Equal(7, home[Bob].Reload().Points);
        home.Do(Ada, s => s.Wake(111.0));
        Assert.Equal((0, 0), (home[Ada].Points, home.InTransit));
    }

    [Fact]
    public void Same_key_gives_once_and_another_request_under_it_is_refused()
    {
        var home = Opened().Order(Ada, 0.5, "a", 50);
        var first = Give(home, Ada, 1, "k", 30, Bob);
        Assert.Equal(first.Body, Give(home, Ada, 2, "k", 30, Bob).Body);
        Assert.Equal(LoyaltyCodes.KeyReused, Give(home, Ada, 3, "k", 31, Bob).Code);
        Assert.Equal(LoyaltyCodes.KeyReused, Give(home, Ada, 3, "k", 30, "user:eve").Code);
        Assert.Equal(LoyaltyCodes.Insufficient, Give(home, Ada, 4, "more", 30, Bob).Code);
        home.Order(Ada, 5, "b", 50);
        Assert.Equal(LoyaltyCodes.Insufficient, Give(home, Ada, 6, "more", 30, Bob).Code);
        Assert.Equal(Transfers.SameCustomer, Give(home, Ada, 7, "me", 1, Ada).Code);
        home.DeliverAll();
        Assert.Equal((70, 30), (home[Ada].Points, home[Bob].Points));
    }

    [Fact]
    public void What_nobody_takes_comes_back()
    {
        var home = Opened().Order(Ada, 0.5, "a", 50);
        Give(home, Ada, 1, "k", 30, "user:nobody");
        home.DeliverAll();
        Assert.Equal((50, 0), (home[Ada].Points, home.InTransit));
        Assert.Equal("transfer returned", Assert.Single(home[Ada].Notes, n => n.StartsWith("transfer", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_comes_back_of_more_transfers_than_are_kept_one_by_one_is_there_again()
    {
        var home = Opened().Order(Ada, 0.5, "a", 1_000);
        for (var i = 0; i < 600; i++)
            Give(home, Ada, 1 + i * 0.001, "k" + i, 1, "user:nobody");
        Assert.Equal((400, 600), (home[Ada].Points, home.InTransit));
        home.DeliverAll();
        Assert.Equal((1_000, 0), (home[Ada].Points, home.InTransit));
    }

    [Fact]
    public void Points_find_a_receiver_who_was_merged_meanwhile_and_refunds_find_the_giver()
    {
        var home = Opened().Order(Ada, 0.5, "a", 50).Order("user:heir", 0.5, "h", 1);
        Give(home, Ada, 1, "k", 30, Bob);
        home.Merge("user:heir", 2, Bob).DeliverAll().Do(Ada, s => s.Refund(3, "a", "r"));
        Assert.Equal((-30, 31, 0), (home[Ada].Points, home["user:heir"].Points, home.InTransit));
    }

    [Fact]
    public void Points_in_equal_points_out_whatever_comes_twice_or_in_another_order()
    {
        string[] people = [Ada, Bob, "user:cyd", "user:dan"];
        for (var seed = 1; seed <= 150; seed++)
        {
            var random = new Random(seed);
            var home = Opened(people);
            var (day, earned) = (1.0, 0L);
            for (var i = 0; i < 25; i++)
            {
                day += random.NextDouble();
                var who = people[random.Next(4)];
                if (random.Next(3) == 0)
                {
                    var value = random.Next(1, 100);
                    earned += value;
                    home.Order(who, day, "o" + i, value);
                }
                else if (random.Next(2) == 0)
                {
                    Give(home, who, day, "k" + random.Next(30), random.Next(1, 40), people[random.Next(4)]);
                }
                else
                {
                    home.DeliverSome(random);
                }

                Assert.Equal(0, home.AllAccounts);
                Assert.All(people, p => Assert.True(home[p].Points >= 0));
            }

            while (home.Undelivered > 0)
                home.DeliverSome(random);
            Assert.Equal(earned, people.Sum(p => home[p].Points));
            Assert.Equal(0, home.InTransit);
        }
    }

    [Fact]
    public void Oldest_transfers_are_joined_with_transfers_alone()
    {
        var account = new LoyaltyAccount();
        for (var i = 0; i < 700; i++)
            account.TryAdd(new Credit((i % 3) switch { 0 => PointsCause.TransferIn, 1 => PointsCause.TransferOut, _ => PointsCause.Review }, (ulong)i + 1, i, i % 3 == 1 ? -2 : 3, 0));
        Assert.Equal(500, account.Credits!.Count);
        Assert.Equal((702, -466), (account.Credits.Where(c => c.Cause == PointsCause.TransferIn).Sum(c => c.Points), account.Credits.Where(c => c.Cause == PointsCause.TransferOut).Sum(c => c.Points)));
    }

    private static Household Opened(params string[] people)
    {
        var home = new Household(Program);
        foreach (var person in people.Length == 0 ? [Ada, Bob] : people)
            home.Do(person, s => s.Page(0)).Do(person, s => s.Own(EntryTypes.ReferralOpen, 0, "{}"));
        return home.DeliverAll();
    }

    private static CommandOutcome Give(Household home, string from, double day, string key, long points, string to)
    {
        var code = Referrals.CodeOf(CustomerState.Create("default/" + to));
        home.Do(from, s => s.Own(EntryTypes.PointsTransfer, day, Encoding.UTF8.GetString(Transfers.Command(key, points, code, "ada"))));
        return home[from].Output.Command!;
    }
}
