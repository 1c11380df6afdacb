using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Identity;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class HouseholdPoolTests
{
    private const string Ada = "user:ada";
    private const string Bob = "user:bob";
    private const string Cyd = "user:cyd";

    private static readonly ProgramDocument Program = ProgramDocument.Parse("""{"loyalty":{"returnDays":10,"expiry":{"afterDays":100,"noticeDays":0}}}"""u8);

    [Fact]
    public void Points_of_a_member_go_to_the_pool_when_they_become_available_with_the_expiry_that_they_had()
    {
        var home = Opened().Order(Bob, 1.5, "b", 50).Do(Bob, s => s.Wake(12.0));
        Assert.Equal("", Join(home, Bob, 12.5, Ada));
        home.Order(Bob, 13.5, "c", 30).DeliverAll();
        Assert.Equal((50, 0, 0), (home[Ada].Points, home[Bob].Points, home.InTransit));

        home.Do(Bob, s => s.Reload().Wake(24.0)).DeliverAll();
        Assert.Equal((80, 0, 0), (home[Ada].Points, home[Bob].Points, home.InTransit));
        home.Do(Ada, s => s.Reload().Wake(102.0));
        Assert.Equal(30, home[Ada].Points);
        home.Do(Ada, s => s.Wake(114.0));
        Assert.Equal(0, home[Ada].Points);
    }

    [Fact]
    public void Member_who_wants_to_spend_is_sent_to_the_head()
    {
        var home = Opened();
        Join(home, Bob, 1, Ada);
        home.Do(Bob, s => s.Own(EntryTypes.RedemptionHold, 2, Encoding.UTF8.GetString(LoyaltyCommands.Hold("k", 10, "", "shop"))));
        Assert.Equal((LoyaltyCodes.Moved, Referrals.KeyOf("default", CodeOf(Ada))), (home[Bob].Output.Command!.Code, home[Bob].Output.Command!.Detail));
        Assert.Equal(CodeOf(Ada), home[Bob].Profile.GetProperty("loyalty").GetProperty("household").GetString());
    }

    [Fact]
    public void Who_leaves_keeps_what_comes_after()
    {
        var home = Opened().Order(Bob, 1.5, "b", 50).Do(Bob, s => s.Wake(12.0));
        Join(home, Bob, 12.5, Ada);
        Join(home, Bob, 13, "");
        home.Order(Bob, 13.5, "c", 30).Do(Bob, s => s.Wake(24.0)).DeliverAll();
        Assert.Equal((50, 30, 0), (home[Ada].Points, home[Bob].Points, home.InTransit));
    }

    [Fact]
    public void Refund_is_the_members_own_debt_and_next_points_pay_it()
    {
        var home = Opened().Order(Bob, 1.5, "b", 50).Do(Bob, s => s.Wake(12.0));
        Join(home, Bob, 12.5, Ada);
        home.DeliverAll().Do(Bob, s => s.Refund(13, "b", "r", 20)).DeliverAll();
        Assert.Equal((50, -20), (home[Ada].Points, home[Bob].Points));
        home.Order(Bob, 13.5, "c", 30).Do(Bob, s => s.Wake(24.0)).DeliverAll();
        Assert.Equal((60, 0, 0), (home[Ada].Points, home[Bob].Points, home.InTransit));
    }

    [Fact]
    public void Two_who_join_each_other_get_their_points_back_and_one_household_remains_at_most()
    {
        var home = Opened().Order(Ada, 1.5, "a", 40).Order(Bob, 1.5, "b", 50).Do(Ada, s => s.Wake(12.0)).Do(Bob, s => s.Wake(12.0));
        Join(home, Ada, 12.5, Bob);
        Join(home, Bob, 12.5, Ada);
        home.DeliverAll();
        Assert.Equal((90, 0), (home[Ada].Points + home[Bob].Points, home.InTransit));
        Assert.Contains(new[] { Ada, Bob }, p => home[p].State.Loyalty!.Household.Length == 0);
    }

    [Fact]
    public void Nobody_joins_himself_and_head_and_member_may_turn_out_to_be_one()
    {
        var home = Opened();
        Assert.Equal(Transfers.SameCustomer, Join(home, Ada, 1, Ada));
        Join(home, Bob, 1, Ada);
        home.Merge(Ada, 2, Bob).DeliverAll().Order(Ada, 3.5, "a", 40).Do(Ada, s => s.Wake(14.0)).DeliverAll();
        Assert.Equal((40, 0), (home[Ada].Points, home.InTransit));
    }

    [Fact]
    public void Points_of_a_household_sum_up_whatever_comes_twice_or_in_another_order()
    {
        string[] people = [Ada, Bob, Cyd];
        for (var seed = 1; seed <= 150; seed++)
        {
            var random = new Random(seed);
            var home = Opened();
            var (day, earned) = (1.0, 0L);
            for (var i = 0; i < 25; i++)
            {
                day += random.NextDouble() * 6;
                var who = people[random.Next(3)];
                switch (random.Next(5))
                {
                    case 0:
                        Join(home, who, day, random.Next(3) == 0 ? "" : people[random.Next(3)]);
                        break;
                    case 1 or 2:
                        var value = random.Next(1, 100);
                        earned += value;
                        home.Order(who, day, "o" + i, value);
                        break;
                    case 3:
                        home.Do(who, s => s.Reload().Wake(day));
                        break;
                    default:
                        home.DeliverSome(random);
                        break;
                }

                Assert.Equal(0, home.AllAccounts);
                Assert.All(people, p => Assert.True(home[p].Points >= 0));
            }

            for (var i = 0; i < 5; i++)
            {
                foreach (var person in people)
                    home.Do(person, s => s.Wake(day + 11 + i));
                while (home.Undelivered > 0)
                    home.DeliverSome(random);
            }

            var expired = people.Sum(p => home[p].State.Ledger?[PointsAccount.Expired] ?? 0);
            Assert.Equal((seed, earned, 0L), (seed, people.Sum(p => home[p].Points) + expired, home.InTransit));
        }
    }

    private static Household Opened()
    {
        var home = new Household(Program);
        foreach (var person in new[] { Ada, Bob, Cyd })
            home.Do(person, s => s.Page(0)).Do(person, s => s.Own(EntryTypes.ReferralOpen, 0, "{}"));
        return home.DeliverAll();
    }

    private static string CodeOf(string id) => Referrals.CodeOf(CustomerState.Create("default/" + id));

    private static string Join(Household home, string member, double day, string head)
    {
        home.Do(member, s => s.Own(EntryTypes.HouseholdJoin, day, Encoding.UTF8.GetString(Households.Command(head.Length == 0 ? "" : CodeOf(head), "admin"))));
        return home[member].Output.Command!.Code;
    }
}
