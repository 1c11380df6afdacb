using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Contracts.Tests.Entries;

public sealed class EntryIdTests
{
    [Theory]
    [InlineData("0-0", 0, 0)]
    [InlineData("1023-9223372036854775807", 1023, long.MaxValue)]
    public void Entry_id_is_read_and_written(string text, int partition, long offset)
    {
        Assert.True(EntryId.TryParse(text, out var id));
        Assert.Equal(new EntryId(partition, offset), id);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("3-41-0", 3, 41, 0)]
    [InlineData("0-0-2147483647", 0, 0, int.MaxValue)]
    public void Alert_id_is_read_and_written(string text, int partition, long offset, int index)
    {
        Assert.True(AlertId.TryParse(text, out var id));
        Assert.Equal(new AlertId(partition, offset, index), id);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("--1")]
    [InlineData("1--1")]
    [InlineData("1-+1")]
    [InlineData(" 1-1")]
    [InlineData("1-1 ")]
    [InlineData("1-9223372036854775808")]
    [InlineData("2147483648-1")]
    [InlineData("1-1-1")]
    public void Other_text_is_no_entry_id(string? text) => Assert.False(EntryId.TryParse(text, out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1-1")]
    [InlineData("1-1-")]
    [InlineData("1--1")]
    [InlineData("-1-1")]
    [InlineData("1-1-1-1")]
    [InlineData("1-1-2147483648")]
    public void Other_text_is_no_alert_id(string? text) => Assert.False(AlertId.TryParse(text, out _));
}
