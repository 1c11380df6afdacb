using System.Reflection;
using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tests.Consent;

public sealed class TombstoneTests
{
    [Fact]
    public void Erased_state_keeps_totals_that_add_up_and_nothing_else()
    {
        var story = Known();
        var before = Contribution.Sums(story.State, story.Program).ToDictionary(s => s.Metric, s => s.Value);
        Erase(story);
        var remains = story.State.Remains!.ToDictionary(s => s.Metric, s => s.Value);
        foreach (var metric in new[] { "events", "orders", "purchases", "revenue:EUR", "points.issued" })
            Assert.Equal(before[metric], remains[metric]);
        Assert.Equal(before["points.available"], remains["points.forfeited"]);
        Assert.Equal(0, remains.Where(s => s.Key.StartsWith("points.", StringComparison.Ordinal)).Sum(s => s.Value));
        Assert.Equal(1, remains["customers.erased"]);
        Assert.DoesNotContain("customers", remains.Keys);
        Assert.Equal(story.State.Remains, Contribution.Sums(story.State, story.Program));
        Assert.Equal(0, story.State.NextWakeMs);

        var fresh = CustomerState.Create(story.State.Key);
        string[] standing = ["Offset", "Version", "NewestMs", "Partition", "Remains", "IsEmpty"];
        foreach (var member in typeof(CustomerState).GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (member is PropertyInfo property && !standing.Contains(property.Name))
                Assert.Equal(property.GetValue(fresh), property.GetValue(story.State));
            if (member is FieldInfo field && !field.Name.StartsWith('<'))
                Assert.Equal(field.GetValue(fresh), field.GetValue(story.State));
        }
    }

    [Fact]
    public void Snapshot_of_a_tombstone_names_nobody_but_its_key_and_reads_back()
    {
        var story = Known();
        Erase(story);
        var bytes = SnapshotCodec.Encode(story.State);
        Assert.DoesNotContain("Ada", Encoding.UTF8.GetString(bytes));
        Assert.Equal(bytes, SnapshotCodec.Encode(SnapshotCodec.Decode(bytes)));
    }

    [Fact]
    public void Open_alert_leaves_the_desks_without_a_word_about_the_customer()
    {
        var story = Known();
        var id = Assert.Single(story.OpenAlerts);
        Erase(story);
        var sent = Assert.Single(story.Output.Outgoing);
        Assert.Equal((id, true), (sent.AlertId, sent.IsFinished));
        var text = Encoding.UTF8.GetString(sent.Alert);
        Assert.DoesNotContain("Ada", text);
        Assert.DoesNotContain("u1", text);
        Assert.Contains("\"status\":\"withdrawn\"", text);
    }

    [Fact]
    public void Nothing_brings_an_erased_customer_back()
    {
        var story = Known();
        Erase(story);
        var remains = story.State.Remains;
        story.Order(300, "late").Identify(301, """{"name":"Ada"}""").Wake(302).Publish(story.Program with { Version = 2 });
        Assert.Same(remains, story.State.Remains);
        Assert.Null(story.State.Traits);
        Assert.Equal(0, story.State.NextWakeMs);
    }

    [Fact]
    public void Stored_request_alone_folds_to_the_same_totals()
    {
        var story = Known();
        Erase(story);
        var key = CustomerKey.Erased("default", 7, "00ff").ToString();
        var request = story.Entries[^1] with { Customer = key, Payload = Tombstone.PayloadOf(story.State.Remains!) };
        var alone = new Story(key).Add(request);
        Assert.Equal(story.State.Remains, alone.State.Remains);
        var published = new Story(key).Publish(alone.Program with { Version = 2 });
        published.Add(request with { Offset = 500 });
        Assert.Equal(story.State.Remains, published.State.Remains);
        Assert.Equal(-1, published.State.ProgramOffset);
        Assert.Equal(key, CustomerKey.Parse(key).ToString());
        Assert.Equal(7, CustomerKey.Parse(key).PartitionOf(64));
    }

    private static Story Known()
    {
        var story = new Story().Identify(0, """{"name":"Ada","email":"ada@example.com"}""");
        story.Order(0, "a", 100).Order(7, "b", 100).Order(14, "c", 100).Track(15, "Consent Changed", """{"purpose":"marketing","granted":true}""");
        return story.Wake(story.State.NextWakeMs);
    }

    private static void Erase(Story story) => story.Own(EntryTypes.ErasureRequested, 200, "{}");
}
