using System.Buffers;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Journal.Formats;

namespace OrleansCrm.Journal.Tests.Formats;

/// <summary>Stored bytes must stay readable for ever: what stands here was written by version 1.</summary>
public sealed class FormatTests
{
    // Made by an independent encoder, as was the checksum.
    private const string BlockOfVersion1 =
        "01000f61636d652f757365723a31373835300005747261636bf6a1abfef962f60100112233445566778899aabbccddeeff077b2261223a" +
        "317d0000000c696d706f72742e656e6465640200000000000000000000000000000000000001010082a2abfef962ffffffffffffffffff" +
        "ffffffffffffff027b7d";

    private static readonly Entry[] Stored =
    [
        new(3, 41, "acme/user:17850", Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), "track", 1_700_000_000_000, 1_700_000_000_123, "{\"a\":1}"u8.ToArray()),
        new(3, 42, "", Guid.Empty, "import.ended", 1_700_000_000_124, 1_700_000_000_124, []),
        new(3, 43, "acme/user:17850", Guid.AllBitsSet, "track", -5, 1_700_000_000_124, "{}"u8.ToArray()),
    ];

    [Fact]
    public void Block_of_version_1_is_read_and_written_byte_for_byte()
    {
        var block = Assert.Single(BlockEncoder.Encode(Stored));
        Assert.Equal((41, 3), (block.FirstOffset, block.Count));
        Assert.Equal(BlockOfVersion1, Convert.ToHexStringLower(block.Data));
        Assert.Equal(1735019208u, block.Checksum);
        Assert.Equal(Rows.Describe(Stored), Rows.Describe(Decode(3, 41, Convert.FromHexString(BlockOfVersion1))));
        ArrayPool<byte>.Shared.Return(block.Buffer);
    }

    [Fact]
    public void Block_that_ends_anywhere_else_than_between_entries_is_refused()
    {
        var data = Convert.FromHexString(BlockOfVersion1);
        var whole = 0;
        for (var length = 0; length < data.Length; length++)
        {
            try
            {
                var entries = Decode(3, 41, data[..length]);
                Assert.Equal(Rows.Describe(Stored.Take(entries.Count)), Rows.Describe(entries));
                whole++;
            }
            catch (FormatException)
            {
                continue;
            }
        }

        Assert.Equal(3, whole); // no entry, one, two
    }

    [Fact]
    public void Block_of_version_2_holds_traces_and_is_written_where_there_are_any()
    {
        const string First = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        const string Second = "00-0af7651916cd43dd8448eb211c80319d-b7ad6b7169203332-01";
        Entry[] traced = [Stored[0] with { Trace = First }, Stored[1], Stored[2] with { Trace = First }, Stored[2] with { Offset = 44, Trace = Second }];

        var block = Assert.Single(BlockEncoder.Encode(traced));
        var data = block.Data.ToArray();
        var plain = Assert.Single(BlockEncoder.Encode(Array.ConvertAll(traced, e => e with { Trace = null }))).Length;

        Assert.Equal((2, plain + 4 + 2 * 24), (data[0], data.Length));
        Assert.Equal(traced.Select(e => e.Trace), Decode(3, 41, data).Select(e => e.Trace));
        Assert.Equal(Rows.Describe(traced), Rows.Describe(Decode(3, 41, data)));
        for (var length = 1; length < data.Length; length++)
        {
            try
            {
                var entries = Decode(3, 41, data[..length]);
                Assert.Equal(traced.Take(entries.Count).Select(e => e.Trace), entries.Select(e => e.Trace));
            }
            catch (FormatException)
            {
                continue;
            }
        }
    }

    [Fact]
    public void Unknown_version_of_a_block_is_refused() =>
        Assert.Throws<FormatException>(() => Decode(3, 41, [3, 0]));

    [Fact]
    public void Checksum_depends_on_the_place()
    {
        byte[] data = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        uint[] sums = [Checksum.Of(0, 0, 1, data), Checksum.Of(1, 0, 1, data), Checksum.Of(0, 1, 1, data), Checksum.Of(0, 0, 2, data)];
        Assert.Equal(4, sums.Distinct().Count());
    }

    [Fact]
    public void Strand_of_version_1_is_read_and_written_byte_for_byte()
    {
        long[] offsets = [0, 1, 300, 5_000_000_000];
        Guid[] ids = [Guid.Empty, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")];
        Assert.Equal("010001ab02d4e197d012", Convert.ToHexStringLower(StrandFormat.EncodeOffsets(offsets)));
        Assert.Equal(offsets, StrandFormat.DecodeOffsets(Convert.FromHexString("010001ab02d4e197d012"), 4));
        Assert.Equal(
            "0000000000000000000000000000000000112233445566778899aabbccddeeff", Convert.ToHexStringLower(StrandFormat.EncodeIds(ids)));
        Assert.Equal(ids, StrandFormat.DecodeIds(StrandFormat.EncodeIds(ids)));
        Assert.Throws<FormatException>(() => StrandFormat.DecodeOffsets(Convert.FromHexString("010001ab02d4e197d012"), 3));
        Assert.Throws<FormatException>(() => StrandFormat.DecodeOffsets(Convert.FromHexString("010001ab02d4e197d012"), 5));
    }

    [Fact]
    public void Sums_of_version_1_are_read_and_written_byte_for_byte()
    {
        MetricSum[] sums = [new("a", 1), new("bé", -2), new("", long.MinValue)];
        var data = SumsFormat.Encode(sums);
        Assert.Equal("0101610203" + "62c3a903" + "00ffffffffffffffffff01", Convert.ToHexStringLower(data));
        Assert.Equal(sums, SumsFormat.Decode(data));
        Assert.Empty(SumsFormat.Decode(SumsFormat.Encode([])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Signed_number_comes_back(long value)
    {
        var buffer = new byte[Varint.BytesMax];
        var length = Varint.WriteSigned(buffer, value);
        var position = 0;
        Assert.Equal(value, Varint.ReadSigned(buffer.AsSpan(0, length), ref position));
        Assert.Equal(length, position);
    }

    private static List<Entry> Decode(int partition, long first, byte[] data)
    {
        var entries = new List<Entry>();
        var reader = new BlockReader(partition, first, data);
        while (reader.MoveNext())
            entries.Add(reader.ToEntry());
        return entries;
    }
}
