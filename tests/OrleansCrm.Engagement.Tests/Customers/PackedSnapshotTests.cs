using System.Text;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tests.Corpus;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class PackedSnapshotTests
{
    [Fact]
    public void Snapshots_of_every_journal_of_the_corpus_come_back_as_they_were()
    {
        var snapshots = CorpusFiles.All().SelectMany(SnapshotsOf).ToArray();

        Assert.NotEmpty(snapshots);
        foreach (var snapshot in snapshots)
            AssertComesBack(snapshot);
        Assert.True(snapshots.Sum(s => PackedSnapshot.Pack(s).Length) < 0.6 * snapshots.Sum(s => s.Length));
    }

    [Fact]
    public void Typical_history_takes_half_its_length_while_it_waits_in_memory()
    {
        var story = new Story();
        for (var i = 0; i < 3; i++)
        {
            story.Track(24 * i, "Product Viewed", """{"product_id":"sku-14","name":"Walnut desk organiser"}""")
                .Track(24 * i + 6, "Product Added", """{"product_id":"sku-14","name":"Walnut desk organiser"}""")
                .Track(24 * i + 12, "Checkout Started")
                .Order(24 * i + 18, $"9f3c60a1b2d4e5f{i}", 61.25m);
        }

        var snapshot = SnapshotCodec.Encode(story.State);

        Assert.True(snapshot.Length > 700);
        Assert.InRange(PackedSnapshot.Pack(snapshot).Length, 1, snapshot.Length * 6 / 10);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"v":1,"key":"default/user:\"odd\\","head":[1]}""")]
    [InlineData("""{"v":1,"unknown":"\\","a,b":["[1,2]",",\"",-0.5e-7,true,null,"Größe"]}""")]
    [InlineData("""{"v":1,"open":"without an end, 12345678901234567890""")]
    public void Texts_of_every_kind_come_back_as_they_were(string json) => AssertComesBack(Encoding.UTF8.GetBytes(json));

    [Theory]
    [InlineData(252)]
    [InlineData(253)]
    [InlineData(254)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(700)]
    public void Long_text_comes_back_as_it_was(int length) =>
        AssertComesBack(Encoding.UTF8.GetBytes($$"""{"v":1,"by":"{{new string('x', length)}}","head":[{{string.Join(',', Enumerable.Range(0, 900))}}]}"""));

    [Fact]
    public void Whatever_the_bytes_are_they_come_back()
    {
        var random = new Random(7);
        var letters = "{}[]\",:.-\\1234567890key\0"u8.ToArray();
        for (var i = 0; i < 2_000; i++)
            AssertComesBack([(byte)'{', .. random.GetItems(letters, random.Next(60)), .. "1234567890,1234567890"u8, .. random.GetItems(letters, 9)]);
    }

    private static void AssertComesBack(byte[] snapshot)
    {
        var packed = PackedSnapshot.Pack(snapshot);
        Assert.True(packed.Length <= snapshot.Length);
        Assert.Equal(snapshot, PackedSnapshot.Unpack(packed));
    }

    private static IEnumerable<byte[]> SnapshotsOf(string file)
    {
        var states = new SortedDictionary<string, CustomerState>(StringComparer.Ordinal);
        var program = ProgramDocument.Default;
        foreach (var entry in CorpusFiles.Entries(file).Where(e => e.Customer.Length > 0))
        {
            if (!states.TryGetValue(entry.Customer, out var state))
                states.Add(entry.Customer, state = CustomerState.Create(entry.Customer));
            CustomerFold.Apply(state, entry, program, new FoldOutput());
        }

        return states.Values.Select(SnapshotCodec.Encode);
    }
}
