using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Tests.Formats;

public sealed class SumTallyTests
{
    [Fact]
    public void Change_is_new_minus_old_for_each_metric()
    {
        var tally = new SumTally();
        Replace(tally, "a/user:1", [], [new("events", 2), new("orders", 1)]);
        Replace(tally, "a/user:2", [new("events", 5), new("gone", 1)], [new("events", 7), new("new", -3)]);
        Replace(tally, "b/user:1", [new("events", 1)], [new("events", 4)]);
        Replace(tally, "a/user:3", [new("orders", 1)], []);

        Assert.Equal(
            [("a", "events", 4L), ("a", "gone", -1L), ("a", "new", -3L), ("b", "events", 3L)],
            tally.Changes.Order());
    }

    [Fact]
    public void Equal_contributions_change_nothing()
    {
        var tally = new SumTally();
        Replace(tally, "a/user:1", [new("events", 2)], [new("events", 2)]);
        Assert.Empty(tally.Changes);
    }

    [Fact]
    public void Change_does_not_depend_on_the_order_of_names()
    {
        var tally = new SumTally();
        Replace(tally, "a/user:1", [new("z", 1), new("a", 1)], [new("a", 3), new("z", 5)]);
        Assert.Equal([("a", "a", 2L), ("a", "z", 4L)], tally.Changes.Order());
    }

    private static void Replace(SumTally tally, string customer, MetricSum[] old, MetricSum[] now) =>
        tally.Replace(customer, old.Length == 0 ? [] : SumsFormat.Encode(old), SumsFormat.Encode(now));
}
