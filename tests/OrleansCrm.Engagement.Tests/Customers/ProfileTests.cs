using System.Text;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class ProfileTests
{
    [Fact]
    public void Profile_has_every_field_of_the_public_surface()
    {
        var profile = new Story().Identify(0, """{"name":"Ada"}""").Order(1, "a", 12.3m).Order(8, "b").Profile;
        Assert.Equal(
            [
                "id", "version", "asOf", "events", "identities", "traits", "phase", "phaseSince", "phaseReason", "onboarding", "owner",
                "loyalty", "churn", "value", "feedback", "segments", "consent", "acquisition", "referral", "openAlerts", "nextBestOffer", "recent",
            ],
            profile.EnumerateObject().Select(p => p.Name));
        Assert.Equal("u1", profile.GetProperty("id").GetString());
        Assert.Equal("user:u1", profile.GetProperty("identities")[0].GetString());
        Assert.Equal(3, profile.GetProperty("version").GetInt64());
        var value = profile.GetProperty("value");
        Assert.Equal(36.15m, value.GetProperty("averageOrder").GetProperty("amount").GetDecimal());
        Assert.Equal("EUR", value.GetProperty("clv").GetProperty("currency").GetString());
        Assert.True(value.GetProperty("clv").GetProperty("amount").GetDecimal() > 0);
        Assert.True(value.GetProperty("predictedOrders90d").GetDouble() > 0);
        Assert.Equal(2, profile.GetProperty("churn").GetProperty("crossesAt").GetArrayLength());
        Assert.Equal(72, profile.GetProperty("loyalty").GetProperty("available").GetInt64());
    }

    [Fact]
    public void What_moves_with_time_is_computed_for_the_instant_asked()
    {
        var story = new Story().Order(0, "a").Order(7, "b");
        double RiskAt(double day) =>
            Story.Json(ProfileRenderer.Render(story.State, story.Program, Story.Ms(day))).GetProperty("churn").GetProperty("risk").GetDouble();
        Assert.True(RiskAt(7) < RiskAt(20) && RiskAt(20) < RiskAt(60));
        Assert.Equal(RiskAt(7), RiskAt(1));
    }

    [Fact]
    public void Risk_reaches_the_threshold_at_the_instant_shown()
    {
        var story = new Story().Order(0, "a").Order(7, "b").Order(14, "c");
        foreach (var crossing in story.Profile.GetProperty("churn").GetProperty("crossesAt").EnumerateArray())
        {
            var atMs = crossing.GetProperty("at").GetDateTimeOffset().ToUnixTimeMilliseconds();
            var risk = Story.Json(ProfileRenderer.Render(story.State, story.Program, atMs)).GetProperty("churn").GetProperty("risk").GetDouble();
            Assert.Equal(crossing.GetProperty("threshold").GetDouble(), risk, 5);
        }
    }

    [Fact]
    public void Traits_go_by_event_time_for_each_name_alone()
    {
        var story = new Story()
            .Identify(5, """{"plan":"gold","nested":{ "a" : [1, "x y"] }}""")
            .Identify(3, """{"plan":"basic","city":"Ulm"}""")
            .Identify(6, """{"city":null}""")
            .Identify(4, """{"city":"Rom"}""");
        Assert.Equal("""{"nested":{"a":[1,"x y"]},"plan":"gold"}""", story.Reload().Profile.GetProperty("traits").GetRawText());
    }

    [Fact]
    public void More_traits_than_fit_leave_the_newest()
    {
        var story = new Story();
        for (var i = 0; i < 150; i++)
            story.Identify(i, $$"""{"t{{i}}":{{i}}}""");
        var traits = story.Profile.GetProperty("traits");
        Assert.Equal(100, traits.EnumerateObject().Count());
        Assert.True(traits.TryGetProperty("t149", out _));
        Assert.False(traits.TryGetProperty("t49", out _));
    }

    [Fact]
    public void Recent_shows_the_newest_twenty_by_event_time()
    {
        var story = new Story();
        for (var i = 0; i < 25; i++)
            story.Page(i);
        story.Track(10.5, "Product Viewed", """{"name":"Cup"}""").Track(2, "Old news").Order(30, "a", 5);
        var recent = story.Profile.GetProperty("recent").EnumerateArray().ToArray();
        Assert.Equal(20, recent.Length);
        Assert.Equal("order a, 5.00", recent[0].GetProperty("summary").GetString());
        Assert.Equal(story.Entries[^1].PublicId, recent[0].GetProperty("entry").GetString());
        Assert.Contains(recent, r => r.GetProperty("summary").GetString() == "Cup");
        Assert.DoesNotContain(recent, r => r.GetProperty("event").GetString() == "Old news");
        Assert.Equal(recent.Select(r => r.GetProperty("time").GetString()).OrderDescending(), recent.Select(r => r.GetProperty("time").GetString()));
    }

    [Fact]
    public void Import_is_that_of_the_newest_event()
    {
        var story = new Story().Own("page", 1, """{"name":"x","context":{"import":"i1"}}""");
        Assert.Equal("i1", story.Reload().State.Import);
        story.Wake(2);
        Assert.Equal("i1", story.State.Import);
        story.Page(3);
        Assert.Equal("", story.State.Import);
    }

    [Fact]
    public void Contribution_is_sorted_and_exact()
    {
        var story = new Story().Order(1, "a", 12.3m).Track(2, "Order Completed", """{"order_id":"b","revenue":5,"currency":"USD"}""");
        var sums = Contribution.Sums(story.State, story.Program);
        Assert.Equal(sums.Select(s => s.Metric).Order(StringComparer.Ordinal), sums.Select(s => s.Metric));
        Assert.Contains(new MetricSum("customers", 1), sums);
        Assert.Contains(new MetricSum("revenue:EUR", 12_300_000), sums);
        Assert.Contains(new MetricSum("revenue:USD", 5_000_000), sums);
        Assert.Contains(new MetricSum("phase.bonding", 1), sums);
        Assert.Contains(new MetricSum("points.available", 17), sums);
        var search = Contribution.Search(story.State, story.Program);
        Assert.Equal(("bonding", 2, 12_300_000, Story.Ms(2)), (search.Phase, search.Orders, search.RevenueMicros, search.LastSeenMs));
        Assert.InRange(search.RiskMillionths, 1, 999_999);
    }

    [Fact]
    public void Shop_without_fixed_rates_gives_a_point_per_whole_unit_of_any_currency()
    {
        const string order = """{"order_id":"b","revenue":5.9,"currency":"USD"}""";
        Assert.Equal(5, Points(new Story().Track(1, "Order Completed", order)));

        var withRates = ProgramDocument.Default with { Rates = [new CurrencyRate("GBP", 1_200_000)] };
        Assert.Equal(0, Points(new Story(program: withRates).Track(1, "Order Completed", order)));

        static long Points(Story story) =>
            Contribution.Sums(story.State, story.Program).FirstOrDefault(s => s.Metric == "points.available")?.Value ?? 0;
    }

    [Fact]
    public void Snapshot_of_another_version_is_refused_with_a_message()
    {
        var error = Assert.Throws<SnapshotVersionException>(() => SnapshotCodec.Decode("""{"v":2,"key":"default/user:u1"}"""u8));
        Assert.Contains("version 2", error.Message, StringComparison.Ordinal);
        Assert.Throws<SnapshotVersionException>(() => SnapshotCodec.Decode("{"u8));
        Assert.Throws<SnapshotVersionException>(() => SnapshotCodec.Decode("[]"u8));
        Assert.Throws<SnapshotVersionException>(() => SnapshotCodec.Decode("""{"v":1,"key":"default/user:u1","head":[1]}"""u8));
    }

    [Fact]
    public void Empty_state_can_be_stored_and_rendered()
    {
        var state = SnapshotCodec.Decode(SnapshotCodec.Encode(CustomerState.Create("default/anonymous:x")));
        Assert.True(state.IsEmpty);
        Assert.Equal(-1, state.Offset);
        Assert.Contains("\"phase\":\"\"", Encoding.UTF8.GetString(ProfileRenderer.Render(state, ProgramDocument.Default, 0)), StringComparison.Ordinal);
        Assert.Empty(Contribution.Sums(state, ProgramDocument.Default));
    }

    [Fact]
    public void Impossible_entries_are_thrown_out()
    {
        var story = new Story().Page(1);
        var entry = story.Entries[0];
        Assert.Throws<InvalidOperationException>(() => story.Add(entry));
        Assert.Throws<InvalidOperationException>(() => story.Add(entry with { Offset = 999, Customer = "default/user:u2" }));
        Assert.Throws<UnknownEntryTypeException>(() => story.Add(entry with { Offset = 999, Type = "points.minted" }));
        Assert.Throws<UnknownEntryTypeException>(() => story.Add(entry with { Offset = 999, Type = "import.ended", Customer = "" }));
    }

    [Fact]
    public void Fold_raised_moves_the_offset_alone()
    {
        var story = new Story().Page(1);
        var before = story.Digest;
        story.Add(story.Entries[0] with { Offset = 999, Type = "fold.raised", Customer = "", TimeMs = Story.Ms(900) });
        Assert.Equal((999, before, 1), (story.State.Offset, story.Digest, story.State.Version));
    }
}
