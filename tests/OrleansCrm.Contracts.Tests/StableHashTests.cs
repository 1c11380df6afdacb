using System.Text;

namespace OrleansCrm.Contracts.Tests;

/// <summary>The vectors are part of the file format: where one changes, stored data cannot be found any more.</summary>
public sealed class StableHashTests
{
    // The first three are published vectors of MurmurHash3 x64-128 with seed 0, the others come from a second implementation.
    [Theory]
    [InlineData("", "0000000000000000", "0000000000000000")]
    [InlineData("hello", "cbd8a7b341bd9b02", "5b1e906a48ae1d19")]
    [InlineData("The quick brown fox jumps over the lazy dog", "e34bbc7bbc071b6c", "7a433ca9c49a9347")]
    [InlineData("acme\0user\017850", "9d95a9e66348cb6c", "778b277a7aa61472")]
    [InlineData("0123456789abcdef", "4be06d94cf4ad1a7", "87c35b5c63a708da")]
    [InlineData("é𝄞 with more than sixteen bytes", "91b9828e3d6a070b", "1ee1fa2b69eb1eb7")]
    public void Text_has_its_hash_for_ever(string text, string low, string high)
    {
        Assert.Equal(low, StableHash.Hash64(text).ToString("x16"));
        Assert.Equal(high + low, StableHash.Start(new byte[64]).Add(text).FinishGuid().ToString("N"));
    }

    [Fact]
    public void Parts_are_separated_by_nul()
    {
        Assert.Equal(StableHash.Hash64("acme\0user\017850"), Hash("acme", "user", "17850"));
        Assert.NotEqual(Hash("ab", "c"), Hash("a", "bc"));
        Assert.NotEqual(Hash("", "a"), Hash("a"));
    }

    [Fact]
    public void Characters_and_their_utf8_bytes_hash_alike_whatever_the_scratch()
    {
        for (var length = 0; length < 80; length++)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(i => i % 3 == 0 ? "é" : "x"));
            var expected = StableHash.Start(new byte[1024]).Add(text).FinishGuid();
            Assert.Equal(expected, StableHash.Start(new byte[1024]).AddUtf8(Encoding.UTF8.GetBytes(text)).FinishGuid());
            Assert.Equal(expected, StableHash.Start([]).Add(text).FinishGuid());
        }
    }

    private static ulong Hash(params string[] parts)
    {
        var hash = StableHash.Start(new byte[64]);
        foreach (var part in parts)
            hash = hash.Add(part);
        return hash.Finish64();
    }
}
