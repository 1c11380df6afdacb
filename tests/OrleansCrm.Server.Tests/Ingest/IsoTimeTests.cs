using System.Globalization;
using System.Text;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Tests.Ingest;

public sealed class IsoTimeTests
{
    [Theory]
    [InlineData("2026-01-31", "2026-01-31T00:00:00.0000000Z")]
    [InlineData("2026-01-31T23:59", "2026-01-31T23:59:00.0000000Z")]
    [InlineData("2026-01-31T23:59:58", "2026-01-31T23:59:58.0000000Z")]
    [InlineData("2026-01-31 23:59:58Z", "2026-01-31T23:59:58.0000000Z")]
    [InlineData("2026-01-31t23:59:58z", "2026-01-31T23:59:58.0000000Z")]
    [InlineData("2026-01-31T23:59:58.1Z", "2026-01-31T23:59:58.1000000Z")]
    [InlineData("2026-01-31T23:59:58.123456789012Z", "2026-01-31T23:59:58.1234567Z")]
    [InlineData("2026-01-31T23:59:58,5Z", "2026-01-31T23:59:58.5000000Z")]
    [InlineData("2026-02-01T00:30:00+01:00", "2026-01-31T23:30:00.0000000Z")]
    [InlineData("2026-01-31T23:30:00-0130", "2026-02-01T01:00:00.0000000Z")]
    [InlineData("2026-01-31T23:30:00+14", "2026-01-31T09:30:00.0000000Z")]
    [InlineData("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.0000000Z")]
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.0000000Z")]
    public void Instants_that_clients_write_are_read(string text, string expected)
    {
        Assert.True(IsoTime.TryParse(Encoding.UTF8.GetBytes(text), out var instant));
        Assert.Equal(expected, instant.UtcDateTime.ToString("o", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026")]
    [InlineData("2026-1-1")]
    [InlineData("2026-13-01")]
    [InlineData("2026-00-10")]
    [InlineData("2026-02-29")]
    [InlineData("2026-01-31T")]
    [InlineData("2026-01-31T24:00:00Z")]
    [InlineData("2026-01-31T23:60:00Z")]
    [InlineData("2026-01-31T23:59:60Z")]
    [InlineData("2026-01-31T23:59:58.Z")]
    [InlineData("2026-01-31T23:59:58 UTC")]
    [InlineData("2026-01-31T23:59:58+19:00")]
    [InlineData("2026-01-31T23:59:58+01:60")]
    [InlineData("2026-01-31Z")]
    [InlineData("01/31/2026")]
    [InlineData("Sat, 31 Jan 2026 23:59:58 GMT")]
    [InlineData("1969-12-31T23:59:59Z")]
    [InlineData("1970-01-01T00:30:00+01:00")]
    [InlineData("9999-12-31T23:59:59-18:00")]
    [InlineData("1769900000")]
    [InlineData("２０２６-01-31")]
    public void Anything_else_is_no_instant(string text) => Assert.False(IsoTime.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData("2026-01-31T12:00:00 02:00", "2026-01-31T10:00:00Z")]
    [InlineData("2026-01-31 12:00 02:00", "2026-01-31T10:00:00Z")]
    [InlineData("2026-01-31 12:00", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T12:00:00 UTC", null)]
    public void Plus_that_a_query_made_a_blank_is_a_plus(string text, string? instant)
    {
        Assert.Equal(instant is not null, IsoTime.TryParseQuery(text, out var read));
        Assert.True(instant is null || read == DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));
    }
}
