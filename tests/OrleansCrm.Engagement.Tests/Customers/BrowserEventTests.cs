using System.Text.Json;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Tests.Customers;

/// <summary>Events that came with a key which anybody can read in a page.</summary>
public sealed class BrowserEventTests
{
    [Theory]
    [InlineData("Order Completed", """{"order_id":"o1","revenue":500}""")]
    [InlineData("Order Updated", """{"order_id":"o1","revenue":500}""")]
    [InlineData("Order Refunded", """{"order_id":"o0","refund_id":"r1","total":60}""")]
    [InlineData("Order Refunded", """{"order_id":"o0"}""")]
    [InlineData("Order Refunded", """{"refund_id":"r1","total":60}""")]
    [InlineData("Order Cancelled", """{"order_id":"o0"}""")]
    [InlineData("Order Delivered", """{"order_id":"o0"}""")]
    [InlineData("Product Reviewed", """{"product_id":"p","rating":5}""")]
    [InlineData("Referral Shared", """{"via":"mail"}""")]
    public void What_a_browser_claims_changes_nothing_but_the_history(string name, string properties)
    {
        var story = new Story().Order(1, "o0").Order(2, "o00");
        var (digest, next) = (Without(story, "events"), story.State.NextWakeMs);

        Claim(story, 3, name, properties);

        Assert.Equal((digest, next), (Without(story, "events"), story.State.NextWakeMs));
        var newest = story.Reload().Profile.GetProperty("recent")[0];
        Assert.Equal(("track", name, "browser"), (Text(newest, "type"), Text(newest, "event"), Text(newest, "origin")));
        Assert.True(newest.GetProperty("unconfirmed").GetBoolean());
    }

    [Fact]
    public void Order_of_the_server_counts_once_whether_its_claim_came_before_or_after()
    {
        const string Order = """{"order_id":"o1","revenue":500}""";
        var before = Claim(new Story(), 1, "Order Completed", Order).Track(2, "Order Completed", """{"order_id":"o1","revenue":49}""");
        var after = Claim(new Story().Track(2, "Order Completed", """{"order_id":"o1","revenue":49}"""), 3, "Order Completed", Order);

        foreach (var story in new[] { before, after })
            Assert.Equal((1L, 49m, 49L), (story.Orders, story.Revenue(), story.Points));
    }

    [Fact]
    public void Claimed_refund_takes_no_refund_id_away_from_the_server()
    {
        var story = Claim(new Story().Order(1, "o1"), 2, "Order Refunded", """{"order_id":"o1","refund_id":"r1","total":1}""")
            .Refund(3, "o1", "r1", 60);

        Assert.Equal(0m, story.Revenue());
    }

    [Fact]
    public void Browser_takes_a_consent_back_and_gives_none()
    {
        var story = Claim(new Story(), 1, "Consent Changed", """{"purpose":"marketing","channel":"email","granted":true}""");
        Assert.False(Granted(story));

        story.Track(2, "Consent Changed", """{"purpose":"marketing","channel":"email","granted":true}""");
        Assert.True(Granted(story));

        Claim(story, 3, "Consent Changed", """{"consents":[{"purpose":"news","granted":true},{"purpose":"marketing","channel":"email","granted":false}]}""");
        Assert.False(Granted(story));
        Assert.False(story.Profile.GetProperty("consent").TryGetProperty("news", out _));
    }

    [Fact]
    public void Made_up_purposes_of_a_browser_leave_room_for_real_ones()
    {
        var story = new Story();
        for (var i = 0; i < 300; i++)
            Claim(story, 1 + i, "Consent Changed", $$"""{"purpose":"p{{i}}","granted":false}""");

        story.Track(400, "Consent Changed", """{"purpose":"marketing","channel":"email","granted":true}""");

        Assert.True(Granted(story));
    }

    [Fact]
    public void Visits_from_a_browser_count_as_visits()
    {
        var story = Claim(new Story(), 1, "Product Viewed", """{"name":"Cup"}""").Own(EntryTypes.BrowserPage, 2, """{"type":"page","name":"Home"}""");

        Assert.Equal(("orientation", 2), (story.Phase, story.Profile.GetProperty("events").GetInt64()));
        Assert.False(story.Profile.GetProperty("recent")[1].TryGetProperty("unconfirmed", out _));
    }

    [Fact]
    public void Trait_of_a_server_is_not_replaced_by_a_browser_and_replaces_what_a_browser_said()
    {
        var story = new Story()
            .Identify(5, """{"email":"ada@shop.example"}""")
            .Own(EntryTypes.BrowserIdentify, 9, """{"traits":{"email":"thief@evil.example","size":"L","name":"Eve"}}""")
            .Reload()
            .Identify(1, """{"name":"Ada"}""");

        var traits = story.Reload().Profile.GetProperty("traits");
        Assert.Equal(("ada@shop.example", "Ada", "L"), (Text(traits, "email"), Text(traits, "name"), Text(traits, "size")));
    }

    [Theory]
    [InlineData("""{"context":{"traits":{"size":"M"}}}""", "M")]
    [InlineData("""{"context":{"traits":{"size":"M"}},"traits":{"size":"L"}}""", "L")]
    [InlineData("""{"traits":{"size":"L"},"context":{"traits":{"size":"M"}}}""", "L")]
    [InlineData("""{"context":{"traits":"M"},"traits":{"size":"L"}}""", "L")]
    public void Traits_in_the_context_count_where_there_are_no_others(string payload, string expected) =>
        Assert.Equal(expected, Text(new Story().Own(EntryTypes.BrowserIdentify, 1, payload).Profile.GetProperty("traits"), "size"));

    [Fact]
    public void Traits_in_the_context_of_other_calls_are_left_alone() => Assert.Empty(
        new Story().Own("track", 1, """{"event":"x","context":{"traits":{"size":"M"}}}""").Profile.GetProperty("traits").EnumerateObject());

    [Fact]
    public void Flood_of_traits_from_a_browser_pushes_out_none_of_a_server()
    {
        var story = new Story().Identify(1, """{"email":"ada@shop.example"}""");
        for (var i = 0; i < 300; i++)
            story.Own(EntryTypes.BrowserIdentify, 2 + i, $$$"""{"traits":{"t{{{i}}}":1}}""");

        Assert.Equal("ada@shop.example", Text(story.Profile.GetProperty("traits"), "email"));
    }

    [Fact]
    public void Browser_cannot_say_that_a_customer_belongs_to_an_import()
    {
        var story = new Story().Own("track", 1, """{"event":"x","context":{"import":"i1"}}""")
            .Own(EntryTypes.BrowserTrack, 2, """{"event":"x","context":{"import":"forged"}}""");

        Assert.Equal("i1", story.State.Import);
    }

    private static bool Granted(Story story) =>
        story.Profile.GetProperty("consent").TryGetProperty("marketing", out var purpose)
        && purpose.TryGetProperty("email", out var email) && email.GetProperty("granted").GetBoolean();

    private static Story Claim(Story story, double day, string name, string properties) =>
        story.Own(EntryTypes.BrowserTrack, day, $$"""{"type":"track","event":"{{name}}","userId":"u1","properties":{{properties}}}""");

    private static string Without(Story story, string field) =>
        string.Join(',', Story.Json(System.Text.Encoding.UTF8.GetBytes(story.Digest)).EnumerateObject().Where(p => p.Name != field));

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
