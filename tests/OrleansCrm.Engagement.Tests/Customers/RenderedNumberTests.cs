using System.Globalization;
using System.Text;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class RenderedNumberTests
{
    public static TheoryData<long> Micros =>
        [0, 1, -1, 10, 12_340_000, 1_000_000, -1_500_000, 999_999, 1_000_001, 100, 123_456_789, 24_500_000, long.MaxValue, long.MinValue];

    [Theory]
    [MemberData(nameof(Micros))]
    public void Amount_reads_as_the_decimal_that_it_is(long micros)
    {
        var json = Encoding.UTF8.GetString(Rendering.Object(w =>
        {
            w.WritePropertyName("a");
            Rendering.WriteAmount(w, micros);
            w.WriteNumber("b", 1);
        }));

        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $$"""{"a":{{micros / 1_000_000m}},"b":1}"""), json);
    }

    [Theory]
    [InlineData(0.123456789)]
    [InlineData(1.0 / 3)]
    [InlineData(128.5 / 130.5)]
    [InlineData(70.0004)]
    public void Rounded_number_is_read_back_as_what_it_was(double value)
    {
        var rounded = Rendering.Rounded(value);

        using var read = JsonDocument.Parse(Rendering.Object(w =>
        {
            w.WritePropertyName("a");
            Rendering.WriteRounded(w, rounded);
        }));

        Assert.Equal(rounded, read.RootElement.GetProperty("a").GetDouble());
        Assert.Equal(rounded, Rendering.Rounded(rounded));
    }
}
