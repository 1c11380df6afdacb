using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Tests.Ingest;

/// <summary>What is taken without a second look must be what a second look would take.</summary>
public sealed class PlainItemTests
{
    private static readonly string[] Names =
    [
        "\"Product Viewed\"", "\"Cart Viewed\"", "\"Order Completed\"", "\"Order Refunded\"", "\"Survey Answered\"", "\"Consent Changed\"",
        "\"Anything\"", "\"\"", "\"Order\\u0020Completed\"", "null", "7", "{}",
    ];

    private static readonly string[] Rests =
    [
        "", ",\"properties\":{}", ",\"properties\":null", ",\"properties\":[]", ",\"properties\":\"x\"", ",\"properties\":{\"order_id\":{}}",
        ",\"properties\":{\"name\":\"a \\ud800\"}", ",\"properties\":{\"kind\":\"csat\",\"score\":9}", ",\"prop\\u0065rties\":[]", ",\"traits\":7",
        ",\"traits\":{\"a\":1}", ",\"context\":7", ",\"context\":{\"import\":\"i\"}", ",\"context\":{\"\\u0069mport\":\"i\"}",
        ",\"event\":\"Order Completed\"", ",\"event\":7", ",\"properties\":[],\"properties\":{}",
        ",\"properties\":{\"purpose\":\"news\",\"granted\":\"false\"}",
    ];

    [Fact]
    public void Item_that_is_plain_has_no_fault()
    {
        foreach (var name in Names)
        {
            foreach (var rest in Rests)
            {
                var json = Encoding.UTF8.GetBytes($$"""{"type":"track","userId":"u","event":{{name}}{{rest}}}""");
                var item = BatchReader.ReadEvent(json, 0);
                Assert.True(
                    item.Fault is not null || !item.IsPlain || EventCheck.Check(EntryTypes.Track, json, mayNameImport: false) is null,
                    Encoding.UTF8.GetString(json));
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"track","event":"Product Viewed","userId":"u","properties":{"name":"Lamp"},"context":{"ip":"203.0.113.7"}}""", true)]
    [InlineData("""{"type":"track","event":"Anything","userId":"u"}""", true)]
    [InlineData("""{"type":"track","event":"Order Completed","userId":"u","properties":{"order_id":"1"}}""", false)]
    [InlineData("""{"type":"track","event":"Product Viewed","userId":"u","context":{"import":"i"}}""", false)]
    [InlineData("""{"type":"track","userId":"u"}""", false)]
    public void Most_items_are_plain(string json, bool isPlain)
    {
        Assert.Equal(isPlain, BatchReader.ReadEvent(Encoding.UTF8.GetBytes(json), 0).IsPlain);
    }

    [Theory]
    [InlineData(""","properties":{"id":1},"properties":{"other":1}""", """{"other":1}""")]
    [InlineData(""","properties":{"id":1},"properties":null""", "")]
    [InlineData(""","properties":null,"prop\u0065rties":{"id":1}""", """{"id":1}""")]
    [InlineData(""","properties":[7]""", "[7]")]
    [InlineData(""","properties":"x" """, "\"x\"")]
    [InlineData(""","context":{"properties":{"id":1}},"traits":{"id":2}""", "")]
    public void Properties_of_an_item_are_the_last_that_stand_there(string rest, string properties) =>
        Assert.Equal(
            properties,
            Encoding.UTF8.GetString(BatchReader.ReadEvent(Encoding.UTF8.GetBytes($$"""{"type":"track","userId":"u","event":"X"{{rest}}}"""), 0).Properties.Span));
}
