using System.Text;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Tests.Import;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(LineReader.LineBytesMax - 1)]
    [InlineData(LineReader.LineBytesMax)]
    [InlineData(LineReader.LineBytesMax + 1)]
    [InlineData(2 * LineReader.LineBytesMax)]
    [InlineData(5 * LineReader.LineBytesMax)]
    public void Lines_before_and_after_one_of_any_length_are_whole(int length)
    {
        var content = Encoding.UTF8.GetBytes("\uFEFFfirst\n" + new string('x', length) + "\nlast");

        var lines = Read(content);

        Assert.Equal(3, lines.Count);
        Assert.Equal("first", lines[0]);
        Assert.Equal(length > LineReader.LineBytesMax ? null : new string('x', length), lines[1]);
        Assert.Equal("last", lines[2]);
    }

    [Fact]
    public void Empty_content_has_no_lines() => Assert.Empty(Read([]));

    [Fact]
    public void Last_line_may_end_or_not()
    {
        Assert.Equal(["a", "b"], Read("a\nb"u8.ToArray()));
        Assert.Equal(["a", "b"], Read("a\nb\n"u8.ToArray()));
    }

    private static List<string?> Read(byte[] content) =>
        [.. LineReader.Read(new MemoryStream(content)).Select(l => l.IsTooLong ? null : Encoding.UTF8.GetString(l.Bytes.Span))];
}
