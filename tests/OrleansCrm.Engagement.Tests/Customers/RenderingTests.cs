using System.Text;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class RenderingTests
{
    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(951_782_400_000)]
    [InlineData(1_767_225_599_999)]
    [InlineData(long.MaxValue)]
    public void Time_is_written_as_it_is_said(long ms)
    {
        var json = Encoding.UTF8.GetString(Rendering.Object(o => Rendering.WriteTime(o, "t", ms)));

        Assert.Equal($$"""{"t":"{{Rendering.Instant(ms)}}"}""", json);
    }

    [Fact]
    public void Rendering_that_fails_or_nests_leaves_nothing_behind()
    {
        Assert.Throws<FormatException>(() => Rendering.Object(o =>
        {
            o.WriteNumber("half", 1);
            throw new FormatException();
        }));

        byte[] inner = [];
        var outer = Rendering.Object(o =>
        {
            o.WriteNumber("a", 1);
            inner = Rendering.Object(i => i.WriteNumber("b", 2));
        });

        Assert.Equal(("{\"a\":1}", "{\"b\":2}"), (Encoding.UTF8.GetString(outer), Encoding.UTF8.GetString(inner)));
    }
}
