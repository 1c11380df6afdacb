using OrleansCrm.Grains.Partitions;

namespace OrleansCrm.Grains.Tests.Partitions;

public sealed class PagesTests
{
    [Fact]
    public void Values_keep_their_places_while_pages_are_added_and_are_gone_when_all_are_given_back()
    {
        var pages = new Pages<long>();
        for (var value = 1; value <= 5_000; value++)
        {
            var place = pages.Take();
            Assert.Equal(value, place);
            pages[place] = value;
        }

        Assert.True(pages.IsLarge);
        Assert.All(Enumerable.Range(1, 5_000), place => Assert.Equal(place, pages[place]));

        pages.Clear();
        Assert.False(pages.IsLarge);
        Assert.Equal(1, pages.Take());
        Assert.Equal(0, pages[1]);
    }
}
