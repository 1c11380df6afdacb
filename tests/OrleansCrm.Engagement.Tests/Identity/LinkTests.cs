using System.Reflection;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Identity;

public sealed class LinkTests
{
    private const string User = "user:u";
    private const string Visitor = "anonymous:a";

    [Fact]
    public void Everything_known_of_a_visitor_moves_to_the_user_who_signs_in()
    {
        var home = new Household();
        home.Tell(Visitor, 1, EntryTypes.Identify, """{"anonymousId":"a","traits":{"city":"Turin"}}""");
        home.Order(Visitor, 2, "o1", 60).Order(User, 3, "o2", 40);

        home.SignIn(User, 5, Visitor).DeliverAll();

        var (user, visitor) = (home[User], home[Visitor]);
        Assert.Equal((2, 100m, 100L), (user.Orders, user.Revenue(), user.Points));
        Assert.Equal("Turin", user.Profile.GetProperty("traits").GetProperty("city").GetString());
        Assert.Equal(4, user.Profile.GetProperty("events").GetInt64());
        Assert.Equal(["user:u", "anonymous:a"], user.Profile.GetProperty("identities").EnumerateArray().Select(i => i.GetString()));
        Assert.Equal("default/user:u", visitor.State.LinkedTo);
        Assert.Equal((0, 0L, 0), (visitor.Orders, visitor.Points, visitor.Profile.GetProperty("events").GetInt32()));
        Assert.Equal((60, -60), (visitor.State.Ledger![PointsAccount.InTransit], user.State.Ledger![PointsAccount.InTransit]));
        Assert.Equal(0, home.InTransit);
    }

    [Fact]
    public void Points_are_in_transit_until_they_are_taken_over()
    {
        var home = new Household().Order(Visitor, 2, "o1", 60).SignIn(User, 5, Visitor);

        // The claim has arrived, what is handed over has not.
        home.Do(Visitor, s => s.Receive(home[User].Output.Outgoing[0].Entry!));

        Assert.Equal((60, 0L, 0L), (home.InTransit, home[Visitor].Points, home[User].Points));
        Assert.Equal(0, home.AllAccounts);
    }

    [Fact]
    public void Moved_interactions_and_evidence_name_the_entries_they_came_from()
    {
        var home = new Household().Order(Visitor, 2, "o1").SignIn(User, 5, Visitor).DeliverAll();

        var entries = home[User].Profile.GetProperty("recent").EnumerateArray().Select(r => r.GetProperty("entry").GetString());

        Assert.Equal([home[User].Entries[0].PublicId, home[Visitor].Entries[0].PublicId], entries);
    }

    [Fact]
    public void First_user_who_claims_an_id_has_it_and_the_second_is_told()
    {
        var home = new Household().Order(Visitor, 1, "o1").SignIn(User, 2, Visitor).DeliverAll();

        home.SignIn("user:v", 3, Visitor);
        var asked = home["user:v"].Output.Command!;
        home.DeliverAll();

        Assert.Equal(LinkCodes.Linking, asked.Code);
        Assert.Equal((LinkCodes.AlreadyLinked, Visitor), (home["user:v"].Output.Command!.Code, home["user:v"].Output.Command!.Detail));
        Assert.Contains("not linked anonymous:a: already_linked", home["user:v"].Notes);
        Assert.Equal((1L, 0L), (home[User].Orders, home["user:v"].Orders));
        Assert.Equal(["user:v"], home["user:v"].Profile.GetProperty("identities").EnumerateArray().Select(i => i.GetString()));
    }

    [Fact]
    public void Id_that_is_known_is_not_claimed_again()
    {
        var home = new Household().SignIn(User, 1, Visitor).DeliverAll();

        home.SignIn(User, 2, Visitor);

        Assert.Empty(home[User].Output.Outgoing);
        Assert.Null(home[User].Output.Command);
        Assert.Equal(0, home.Undelivered);
    }

    [Fact]
    public void Alias_links_the_former_id()
    {
        var home = new Household().Order(Visitor, 1, "o1");

        home.Tell(User, 2, EntryTypes.Alias, """{"type":"alias","userId":"u","previousId":"a"}""").DeliverAll();

        Assert.Equal(1, home[User].Orders);
    }

    [Theory]
    [InlineData(""" "anonymousId":"" """)]
    [InlineData(""" "anonymousId":null """)]
    [InlineData(""" "anonymousId":{} """)]
    [InlineData(""" "anonymousId":" " """)]
    [InlineData(""" "previousId":"a" """)]
    public void What_names_no_other_id_links_nothing(string field)
    {
        var home = new Household().Tell(User, 2, EntryTypes.Track, $$"""{"event":"Product Viewed","userId":"u",{{field}}}""");

        Assert.Equal(0, home.Undelivered);
    }

    [Fact]
    public void Visitor_claims_nobody()
    {
        var home = new Household().Tell(Visitor, 2, EntryTypes.Alias, """{"anonymousId":"a","previousId":"b"}""");

        Assert.Equal(0, home.Undelivered);
    }

    [Fact]
    public void Late_event_for_the_old_id_follows_with_its_own_time()
    {
        var home = new Household().Order(User, 20, "o1").SignIn(User, 30, Visitor).DeliverAll();

        home.Order(Visitor, 10, "o2", 40);
        var answer = home[Visitor].Output.Command!;
        home.DeliverAll();

        Assert.Equal(LinkCodes.Forwarding, answer.Code);
        Assert.Equal((2L, 100L), (home[User].Orders, home[User].Points));
        Assert.Equal((0L, 0L), (home[Visitor].Orders, home[Visitor].Points));
        Assert.Equal(Story.At(10), home[User].Profile.GetProperty("recent")[2].GetProperty("time").GetString());
    }

    [Fact]
    public void What_is_delivered_twice_counts_once()
    {
        var home = new Household().Order(Visitor, 1, "o1").SignIn(User, 2, Visitor);
        var claim = home[User].Output.Outgoing[0].Entry!;
        home.DeliverAll();
        var handover = home[Visitor].Output.Outgoing[^1].Entry!;
        home.Tell(Visitor, 3, EntryTypes.Page, """{"name":"Home"}""").DeliverAll();
        var forwarded = home[Visitor].Output.Outgoing[0].Entry!;
        var digest = home[User].Digest;

        home[User].Receive(handover).Receive(forwarded);
        home[Visitor].Receive(claim);

        Assert.Equal(digest, home[User].Digest);
        Assert.Empty(home[Visitor].Output.Outgoing);
    }

    [Fact]
    public void Order_told_to_both_counts_once_with_its_points()
    {
        var home = new Household().Order(Visitor, 1, "o1", 60).Order(User, 1, "o1", 60).Order(Visitor, 2, "o2", 10);

        home.SignIn(User, 3, Visitor).DeliverAll();

        Assert.Equal((2L, 70m, 70L), (home[User].Orders, home[User].Revenue(), home[User].Points));
    }

    [Fact]
    public void Refund_told_to_the_user_meets_the_order_told_to_the_visitor()
    {
        var home = new Household().Order(Visitor, 1, "o1", 60).Do(User, s => s.Refund(2, "o1", "r1", 20));

        home.SignIn(User, 3, Visitor).DeliverAll();

        Assert.Equal((1L, 40m, 40L), (home[User].Orders, home[User].Revenue(), home[User].Points));
    }

    [Fact]
    public void Refund_told_to_both_counts_once()
    {
        var home = new Household().Order(Visitor, 1, "o1", 60).Order(User, 1, "o1", 60);
        home.Do(User, s => s.Refund(2, "o1", "r1", 20)).Do(Visitor, s => s.Refund(2, "o1", "r1", 20));

        home.SignIn(User, 3, Visitor).DeliverAll();
        home.Do(Visitor, s => s.Refund(4, "o1", "r1", 20)).DeliverAll();

        Assert.Equal((1L, 40m, 40L), (home[User].Orders, home[User].Revenue(), home[User].Points));
    }

    [Fact]
    public void Open_alert_closes_as_moved_and_rises_at_the_user_with_the_agent_who_has_it()
    {
        var home = new Household();
        for (var i = 0; i < 10; i++)
            home.Order(Visitor, 7 * i, "o" + i);
        home.Do(Visitor, s => s.Wake(s.State.NextWakeMs));
        var old = Assert.Single(home[Visitor].OpenAlerts);
        var day = (home[Visitor].State.NewestMs - Story.StartMs) / 86_400_000.0;
        home.Do(Visitor, s => s.Command(day, EntryTypes.AlertClaim, old, "ada@x"));

        home.SignIn(User, day + 0.1, Visitor).DeliverAll();

        var closed = home[Visitor].Alert(old);
        Assert.Equal(("withdrawn", "moved"), (closed.GetProperty("status").GetString(), closed.GetProperty("outcome").GetString()));
        var risen = home[User].Alert(Assert.Single(home[User].OpenAlerts));
        Assert.Equal(("claimed", "ada@x"), (risen.GetProperty("status").GetString(), risen.GetProperty("claimedBy").GetString()));
        Assert.Equal(closed.GetProperty("dueAt").GetString(), risen.GetProperty("dueAt").GetString());
        Assert.All(risen.GetProperty("evidence").EnumerateArray(), e => Assert.Contains(home[Visitor].Entries, entry => entry.PublicId == e.GetString()));
    }

    [Fact]
    public void Customer_has_a_bounded_number_of_other_ids()
    {
        var home = new Household();
        for (var i = 0; i < Bounds.IdentitiesMax + 5; i++)
            home.SignIn(User, 1, "anonymous:a" + i);
        home.DeliverAll();

        Assert.Equal(Bounds.IdentitiesMax, home[User].State.Identities.Count);
        Assert.Equal(1 + Bounds.IdentitiesMax, home.All.Count());
        Assert.Equal(1 + Bounds.IdentitiesMax, home[User].Profile.GetProperty("identities").GetArrayLength());
    }

    [Fact]
    public void Ids_that_a_browser_makes_up_leave_room_for_those_that_a_server_names()
    {
        var home = new Household();
        for (var i = 0; i < Bounds.IdentitiesMax; i++)
            home.Tell(User, 1, EntryTypes.BrowserPage, $$"""{"userId":"u","anonymousId":"forged{{i}}"}""");
        home.SignIn(User, 2, Visitor).DeliverAll();

        Assert.Equal(1 + Bounds.IdentitiesMax / 2, home[User].State.Identities.Count);
        Assert.Equal("default/" + User, home[Visitor].State.LinkedTo);
    }

    [Fact]
    public void Order_that_a_browser_claims_for_a_linked_id_counts_for_nobody()
    {
        var home = new Household().SignIn(User, 1, Visitor).DeliverAll();

        home.Tell(Visitor, 2, EntryTypes.BrowserTrack, """{"event":"Order Completed","properties":{"order_id":"o1","revenue":500}}""").DeliverAll();

        Assert.Equal((0L, 0L), (home[User].Orders, home[User].Points));
        Assert.True(home[User].Profile.GetProperty("recent")[0].GetProperty("unconfirmed").GetBoolean());
    }

    [Fact]
    public void Merged_customer_moves_with_all_his_ids()
    {
        var home = new Household().Order(Visitor, 1, "o1", 10).SignIn("user:v", 2, Visitor).DeliverAll();
        home.Order("user:v", 3, "o2", 20).Order(User, 4, "o3", 30);

        home.Merge(User, 5, "user:v").DeliverAll();
        home.Order(Visitor, 6, "o4", 40).Order("user:v", 7, "o5", 50).DeliverAll();

        Assert.Equal((5L, 150L), (home[User].Orders, home[User].Points));
        Assert.Equal((0L, 0L), (home["user:v"].Orders, home["user:v"].Points));
        Assert.All([Visitor, "user:v"], id => Assert.Equal("default/" + User, home[id].State.LinkedTo));
        Assert.Equal([User, "user:v", Visitor], home[User].Profile.GetProperty("identities").EnumerateArray().Select(i => i.GetString()));
        Assert.Equal(0, home.InTransit);
    }

    [Fact]
    public void Event_that_meets_a_merge_on_its_way_arrives_once()
    {
        var home = new Household().SignIn("user:v", 2, Visitor).DeliverAll();

        home.Order(Visitor, 3, "o1", 10).Merge(User, 4, "user:v");
        home.Do("user:v", s => s.Receive(home[User].Output.Outgoing[0].Entry!));
        home.DeliverAll();
        home.Order(Visitor, 5, "o2", 10).DeliverAll();

        Assert.Equal((2L, 20L), (home[User].Orders, home[User].Points));
    }

    [Fact]
    public void Of_two_customers_merged_into_each_other_at_once_neither_gets_the_other()
    {
        var home = new Household().Order(User, 1, "o1").Order("user:v", 1, "o2");

        home.Merge(User, 2, "user:v").Merge("user:v", 2, User).DeliverAll();

        Assert.All([User, "user:v"], id => Assert.Equal(("", 1L, LinkCodes.Busy), (home[id].State.LinkedTo, home[id].Orders, home[id].Output.Command!.Code)));
        home.Merge(User, 3, "user:v").DeliverAll();
        Assert.Equal(2, home[User].Orders);
    }

    [Theory]
    [InlineData(User, User, LinkCodes.SameCustomer)]
    [InlineData("user:gone", User, LinkCodes.AlreadyLinked)]
    public void Merge_that_cannot_be_is_refused(string into, string other, string code)
    {
        var home = new Household().Order("user:gone", 1, "o1").Order("user:v", 1, "o2").Merge("user:v", 2, "user:gone").DeliverAll();

        home.Merge(into, 3, other);

        Assert.Equal(code, home[into].Output.Command!.Code);
        Assert.Equal(0, home.Undelivered);
    }

    [Fact]
    public void Merge_that_would_bring_more_ids_than_one_customer_may_have_is_refused()
    {
        var home = new Household();
        for (var i = 0; i < Bounds.IdentitiesMax; i++)
            home.SignIn("user:v", 1, "anonymous:v" + i).DeliverAll();
        home.Order(User, 2, "o1").SignIn(User, 2, Visitor).DeliverAll();

        home.Merge(User, 3, "user:v").DeliverAll();

        Assert.Equal(LinkCodes.TooManyIdentities, home[User].Output.Command!.Code);
        Assert.Equal(("", 1L), (home["user:v"].State.LinkedTo, home[User].Orders));
    }

    [Fact]
    public void Refused_claim_folds_to_the_same_state_when_it_names_nobody_any_more()
    {
        var home = new Household().Order("user:v", 1, "o1").SignIn("user:v", 2, Visitor).DeliverAll();
        for (var i = 0; i < Bounds.IdentitiesMax; i++)
            home.SignIn("user:w", 1, "anonymous:w" + i).DeliverAll();
        home.SignIn(User, 3, Visitor).DeliverAll().Merge(User, 4, "user:w").DeliverAll();

        foreach (var id in new[] { Visitor, "user:w" })
        {
            var (story, again) = (home[id], CustomerState.Create("default/" + id));
            foreach (var entry in story.Entries)
            {
                var isRefused = entry.Type == EntryTypes.IdentityClaim && IdentityClaim.ClaimantOf("default", entry.Payload) == "default/" + User;
                var redacted = isRefused ? entry with { Payload = IdentityClaim.Redact(entry.Payload, CustomerKey.Erased("default", 3, "aa")) } : entry;
                CustomerFold.Apply(again, redacted, ProgramDocument.Default, new FoldOutput());
            }

            Assert.Equal(SnapshotCodec.Encode(story.State), SnapshotCodec.Encode(again));
        }
    }

    [Fact]
    public void Customer_who_was_merged_is_not_merged_into_another()
    {
        var home = new Household().Order("user:gone", 1, "o1").Merge("user:v", 2, "user:gone").DeliverAll();

        home.Merge(User, 3, "user:gone").DeliverAll();

        Assert.Equal(LinkCodes.AlreadyLinked, home[User].Output.Command!.Code);
        Assert.Equal((0L, 1L), (home[User].Orders, home["user:v"].Orders));
    }

    [Fact]
    public void Nothing_of_a_customer_stays_behind()
    {
        var home = new Household();
        for (var i = 0; i < 3; i++)
            home.Order(Visitor, i, "o" + i).Do(Visitor, s => s.Refund(i, "o" + i, "r", 5)).Do(Visitor, s => s.Cancel(i, "x" + i));
        home.Tell(Visitor, 4, EntryTypes.Identify, """{"traits":{"name":"Ada"},"context":{"import":"i"}}""");
        home.SignIn(User, 5, Visitor).DeliverAll();
        string[] kept =
        [
            nameof(CustomerState.Key), nameof(CustomerState.Offset), nameof(CustomerState.Version), nameof(CustomerState.NewestMs),
            nameof(CustomerState.ProgramOffset), nameof(CustomerState.IsEmpty), nameof(CustomerState.Partition), nameof(CustomerState.Ledger),
            nameof(CustomerState.Alerts), nameof(CustomerState.LinkedTo), nameof(CustomerState.Tenant), nameof(CustomerState.Id),
        ];

        var fresh = CustomerState.Create("default/anonymous:a");
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var property in typeof(CustomerState).GetProperties(Any).Where(p => !kept.Contains(p.Name)))
            Assert.True(Equals(Plain(property.GetValue(fresh)), Plain(property.GetValue(home[Visitor].State))), property.Name + " stays behind");
        foreach (var field in typeof(CustomerState).GetFields(Any).Where(f => !f.IsPrivate))
            Assert.True(Equals(field.GetValue(fresh), field.GetValue(home[Visitor].State)), field.Name + " stays behind");
    }

    private static object? Plain(object? value) => value is System.Collections.IEnumerable list and not string ? string.Join(',', list.Cast<object>()) : value;
}
