using System.Text;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class SharedTextsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Walnut desk organiser")]
    [InlineData("Gemüsemühle 🥕")]
    [InlineData("A name so long that nobody else has it: sixty letters and a few more of them")]
    public void Text_says_what_its_bytes_say(string text) => Assert.Equal(text, SharedTexts.Of(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void What_is_no_text_is_read_as_everywhere()
    {
        byte[] broken = [(byte)'a', 0xc3, 0x28, 0xff];

        Assert.Equal(Encoding.UTF8.GetString(broken), SharedTexts.Of(broken));
    }

    [Fact]
    public void Same_text_is_one_object_and_serves_all_threads()
    {
        var names = Enumerable.Range(0, 200_000).Select(i => Encoding.UTF8.GetBytes($"product {i % 70_000}")).ToArray();

        Parallel.ForEach(names, name => Assert.Equal(Encoding.UTF8.GetString(name), SharedTexts.Of(name)));

        Assert.Same(SharedTexts.Of("Walnut lamp"u8), SharedTexts.Of("Walnut lamp"));
    }

    [Fact]
    public void Product_looked_at_by_many_stands_in_their_states_once()
    {
        var (ada, bob) = (new Story(), new Story());
        foreach (var story in new[] { ada, bob })
            story.Track(0, "Product Viewed", """{"product_id":"p1","name":"Walnut shelf"}""");

        Assert.Equal("Walnut shelf", ada.State.Recent![0].Summary);
        Assert.Same(ada.State.Recent[0].Summary, bob.State.Recent![0].Summary);
    }
}
