using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Contracts.Tests.Customers;

public sealed class CustomerKeyTests
{
    [Theory]
    [InlineData(CustomerKind.User, "17850", "acme/user:17850")]
    [InlineData(CustomerKind.Anonymous, "a/b:c d", "acme/anonymous:a/b:c d")]
    [InlineData(CustomerKind.User, "  anna\u00a0", "acme/user:anna")]
    [InlineData(CustomerKind.User, "𝄞", "acme/user:𝄞")]
    [InlineData(CustomerKind.User, "Anna", "acme/user:Anna")]
    public void Key_has_one_text_and_is_read_back_from_it(CustomerKind kind, string id, string text)
    {
        Assert.True(CustomerKey.TryCreate("acme", kind, id, out var key, out var error), error);
        Assert.Equal(text, key.ToString());
        Assert.Equal(key, CustomerKey.Parse(text));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" \t ")]
    [InlineData("a\nb")]
    [InlineData("a\u0000b")]
    [InlineData("a\u0085b")]
    public void Id_that_cannot_be_a_key_is_refused_with_a_reason(string? id)
    {
        Assert.False(CustomerKey.TryCreate("acme", CustomerKind.User, id, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Half_a_character_is_no_id()
    {
        // Not as a table: the compiler repairs such text in attributes.
        foreach (var id in new[] { "a\ud800", "\udc00a", "\ud800\ud800\udc00", "\udc00\ud800" })
        {
            Assert.False(CustomerKey.TryCreate("acme", CustomerKind.User, id, out _, out var error));
            Assert.Contains("Unicode", error);
        }
    }

    [Fact]
    public void Id_has_at_most_255_bytes()
    {
        Assert.True(CustomerKey.TryCreate("acme", CustomerKind.User, new string('é', 127) + "x", out _, out _));
        Assert.False(CustomerKey.TryCreate("acme", CustomerKind.User, new string('é', 128), out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("/user:1")]
    [InlineData("acme/1")]
    [InlineData("acme/User:1")]
    public void Other_text_is_no_key(string text) => Assert.Throws<FormatException>(() => CustomerKey.Parse(text));

    [Theory]
    [InlineData(CustomerKind.User, "17850", 8, 4)]
    [InlineData(CustomerKind.Anonymous, "17850", 8, 2)]
    [InlineData(CustomerKind.User, "12347", 8, 1)]
    [InlineData(CustomerKind.User, "é", 64, 48)]
    public void Customer_stays_in_its_partition(CustomerKind kind, string id, int partitions, int partition)
    {
        Assert.True(CustomerKey.TryCreate("acme", kind, id, out var key, out _));
        Assert.Equal(partition, key.PartitionOf(partitions));
    }

    [Fact]
    public void Customers_are_spread_evenly()
    {
        var counts = new int[8];
        for (var i = 0; i < 8_000; i++)
        {
            CustomerKey.TryCreate("acme", CustomerKind.User, $"{i}", out var key, out _);
            counts[key.PartitionOf(8)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }
}
