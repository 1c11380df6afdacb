using OrleansCrm.Contracts.Desks;
using OrleansCrm.Grains.Desks;

namespace OrleansCrm.Grains.Tests.Desks;

/// <summary>Who is given what, and from whom it is taken.</summary>
public sealed class AssignmentBookTests
{
    private const string Ada = "ada@x";
    private const string Bob = "bob@x";
    private const string Eve = "eve@x";

    private readonly AssignmentBook _book = new(1_000);

    [Fact]
    public void Owner_comes_first_while_online_and_below_capacity()
    {
        Open("a", owner: "Ada@X");
        Open("b", owner: Ada);
        Assert.Equal([("a", Ada, "owner online"), ("b", Bob, "round robin")], Plan(Rules(capacity: 1), Ada, Bob));
    }

    [Fact]
    public void Without_round_robin_only_owners_are_given_anything()
    {
        Open("a", owner: Eve);
        Open("b");
        Assert.Empty(Plan(Rules(isRoundRobin: false), Ada));
        Assert.Equal([("a", Eve, "owner online")], Plan(Rules(isRoundRobin: false), Ada, Eve));
    }

    [Fact]
    public void Agents_take_turns_and_the_most_severe_goes_first()
    {
        Open("a", severity: 0);
        Open("b", severity: 3);
        Open("c", severity: 1);
        Open("d", severity: 2);
        Assert.Equal(
            [("b", Ada, "round robin"), ("d", Bob, "round robin"), ("c", Ada, "round robin"), ("a", Bob, "round robin")],
            Plan(Rules(), Ada, Bob));
    }

    [Fact]
    public void Nobody_is_given_more_than_he_can_take_and_room_is_used_at_once()
    {
        for (var i = 0; i < 5; i++)
            Open("a" + i);
        var first = Plan(Rules(capacity: 2), Ada);
        Assert.Equal(["a0", "a1"], first.Select(p => p.Alert));
        Assert.Empty(Plan(Rules(capacity: 2), Ada));

        // Older news of what is on its way to him do not make room.
        _book.Take(Alert("a0") with { Revision = 2 }, "d");
        Assert.Empty(Plan(Rules(capacity: 2), Ada));
        _book.Take(Alert("a0") with { Revision = 3, Status = "claimed", Agent = Ada, IsGiven = true }, "d");
        _book.End(new Dispatch("a0", "", Ada, ""));
        Assert.Empty(Plan(Rules(capacity: 2), Ada));
        _book.Take(Alert("a0") with { Revision = 4, Status = "resolved", Agent = Ada }, "d");
        Assert.Equal(["a2"], Plan(Rules(capacity: 2), Ada).Select(p => p.Alert));
    }

    [Fact]
    public void Old_news_do_not_replace_newer_ones()
    {
        _book.Take(Alert("a") with { Revision = 3, Status = "claimed", Agent = Bob }, "d");
        _book.Take(Alert("a") with { Revision = 2 }, "d");
        Assert.Empty(Plan(Rules(), Ada));
        Assert.Equal((1, 0), (_book.LoadOf("BOB@X"), _book.LoadOf(Ada)));
    }

    [Fact]
    public void Only_who_knows_what_it_takes_is_asked_but_an_owner_always()
    {
        _book.Take(Alert("a") with { Skills = ["german", "vip"] }, "d");
        _book.Take(Alert("b") with { Skills = ["german"], Owner = Eve }, "d");
        var rules = Rules() with { Agents = [new(Ada, ["german"], -1, true), new(Bob, ["vip", "german"], -1, true)] };
        Assert.Equal([("a", Bob, "round robin"), ("b", Eve, "owner online")], Plan(rules, Ada, Bob, Eve));
    }

    [Fact]
    public void Who_has_let_it_pass_is_not_given_it_again()
    {
        _book.Take(Alert("a") with { PassedBy = ["ADA@x"], Owner = Ada }, "d");
        Assert.Empty(Plan(Rules(), Ada));
        Assert.Equal([("a", Bob, "round robin")], Plan(Rules(), Ada, Bob));
    }

    [Fact]
    public void Who_is_busy_away_of_another_desk_or_leads_is_not_in_turn()
    {
        Open("a");
        var rules = Rules() with { Agents = [new(Ada, [], -1, false), new("cap@x", [], 0, true)] };
        Assert.Empty(Plan(rules, [Present(Ada), Present("cap@x"), Present(Bob, "busy"), Present(Eve, "away"), Present("off@x", "offline"), Present("lead@x", role: "supervisor")]));
        rules = rules with { Agents = [.. rules.Agents, new("lead@x", [], 3, true)] };
        Assert.Equal([("a", "lead@x", "round robin")], Plan(rules, [Present(Ada), Present("lead@x", role: "supervisor")]));
    }

    [Fact]
    public void What_was_not_acted_on_leaves_at_once_who_is_gone_the_rest_later()
    {
        _book.Take(Alert("a") with { Status = "claimed", Agent = Ada, IsGiven = true, IsActedOn = false }, "d");
        _book.Take(Alert("b") with { Status = "claimed", Agent = Ada, IsGiven = true }, "d");
        _book.Take(Alert("c") with { Status = "claimed", Agent = Ada }, "d");
        _book.Take(Alert("s") with { Status = "snoozed", Agent = Ada, IsGiven = true }, "d");
        Assert.Empty(Plan(Rules(), [Present(Bob)], goneFor: 14));
        Assert.Equal([("a", Bob, "agent went offline, round robin")], Plan(Rules(), [Present(Bob)], goneFor: 16));
        Assert.Equal(["b", "c"], Plan(Rules(), [], goneFor: 300).Select(p => p.Alert));
    }

    [Fact]
    public void Without_round_robin_only_what_was_given_is_taken_back()
    {
        _book.Take(Alert("a") with { Status = "claimed", Agent = Ada, IsGiven = true }, "d");
        _book.Take(Alert("b") with { Status = "claimed", Agent = Ada }, "d");
        Assert.Equal([("a", "", "agent went offline")], Plan(Rules(isRoundRobin: false), [Present(Bob)], goneFor: 301));
    }

    [Fact]
    public void Alert_that_goes_to_another_desk_leaves_the_book()
    {
        Open("a");
        _book.Take(Alert("a") with { Revision = 2, Desk = "leads" }, "d");
        Assert.Equal(0, _book.Count);
        Assert.Empty(Plan(Rules(), Ada));
    }

    [Fact]
    public void Book_says_when_it_does_not_hold_everything()
    {
        var small = new AssignmentBook(2);
        foreach (var id in new[] { "a", "b", "c" })
            small.Take(Alert(id), "d");
        Assert.Equal((2, true), (small.Count, small.IsPartial));
    }

    private void Open(string id, int severity = 1, string owner = "") => _book.Take(Alert(id) with { Severity = severity, Owner = owner }, "d");

    private static AssignableAlert Alert(string id) => new(id, 1, "d", "open", 1, "2026-01-01T00:00:00Z", "", "", false, true, [], []);

    private static AssignmentRules Rules(bool isRoundRobin = true, int capacity = 10) => new(1, isRoundRobin, capacity, TimeSpan.FromMinutes(5), []);

    private static AgentStatus Present(string agent, string state = "online", string role = "agent") => new(agent, state, 0, [], role);

    private List<(string Alert, string To, string Why)> Plan(AssignmentRules rules, params string[] online) =>
        Plan(rules, [.. online.Select(agent => Present(agent))]);

    private List<(string Alert, string To, string Why)> Plan(AssignmentRules rules, AgentStatus[] present, double goneFor = 0)
    {
        _book.LookAgain();
        var moment = new DeskMoment(rules, present, _ => TimeSpan.FromSeconds(goneFor), TimeSpan.FromSeconds(15));
        return [.. _book.Plan(moment, 64).Select(d => (d.Alert, d.To, d.Why))];
    }
}
