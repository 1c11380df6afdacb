using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class AcquisitionTests
{
    private static readonly (double Day, string Context)[] Visits =
    [
        (1, """{"page":{"referrer":"https://search.example/find?q=shoes#top","url":"https://shop.example/shoes"}}"""),
        (2, """{"campaign":{"name":"spring","source":"newsletter","medium":"email"}}"""),
        (3, """{"page":{"referrer":"https://shop.example/shoes","url":"https://shop.example/cart"}}"""),
        (4, """{"campaign":{"name":"autumn"},"referrer":{"url":"https://ads.example/click?id=7"}}"""),
    ];

    [Fact]
    public void First_and_last_contact_are_kept_whatever_comes_first()
    {
        int[][] orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]];
        foreach (var order in orders)
        {
            var story = new Story();
            foreach (var i in order)
                story.Own(EntryTypes.Page, Visits[i].Day, "{\"type\":\"page\",\"context\":" + Visits[i].Context + "}");
            var acquisition = story.Reload().Profile.GetProperty("acquisition");

            Assert.Equal("https://search.example/find", acquisition.GetProperty("first").GetProperty("referrer").GetString());
            Assert.Equal(Story.At(1), acquisition.GetProperty("first").GetProperty("at").GetString());
            Assert.Equal("autumn", acquisition.GetProperty("last").GetProperty("campaign").GetString());
            Assert.Equal("https://ads.example/click", acquisition.GetProperty("last").GetProperty("referrer").GetString());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("$direct")]
    public void Customer_who_never_said_has_none(string referrer)
    {
        var acquisition = new Story().Order(1, "a")
            .Own(EntryTypes.Page, 2, $$"""{"type":"page","context":{"page":{"referrer":"{{referrer}}","url":"https://shop.example/"},"campaign":{} } }""")
            .Profile.GetProperty("acquisition");
        Assert.Equal("""{"first":null,"last":null}""", acquisition.GetRawText());
    }
}
