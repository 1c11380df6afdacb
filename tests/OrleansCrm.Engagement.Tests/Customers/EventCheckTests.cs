using System.Text;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tests.Customers;

public sealed class EventCheckTests
{
    [Theory]
    [InlineData("Order Completed", """{"order_id":"a","revenue":1}""", null, null)]
    [InlineData("Order Completed", """{"order_id":7,"revenue":"1.5"}""", null, null)]
    [InlineData("Order Completed", """{"revenue":1}""", "missing_order_id", "properties.order_id")]
    [InlineData("Order Completed", """{"order_id":"","revenue":1}""", "missing_order_id", "properties.order_id")]
    [InlineData("Order Completed", """{"order_id":{},"revenue":1}""", "invalid_order_id", "properties.order_id")]
    [InlineData("Order Completed", """{"order_id":"a","revenue":"lots"}""", "invalid_revenue", "properties.revenue")]
    [InlineData("Order Completed", """{"order_id":"a","revenue":true}""", "invalid_revenue", "properties.revenue")]
    [InlineData("Order Completed", """{"order_id":"a","revenue":1.1e12}""", "invalid_revenue", "properties.revenue")]
    [InlineData("Order Completed", """{"order_id":"a","revenue":-1e400}""", "invalid_revenue", "properties.revenue")]
    [InlineData("Order Completed", """{"order_id":"a","total":[]}""", "invalid_total", "properties.total")]
    [InlineData("Order Completed", """{"order_id":"a","currency":"EURO"}""", "invalid_currency", "properties.currency")]
    [InlineData("Order Completed", """{"order_id":"a","currency":"eur"}""", null, null)]
    [InlineData("Order Completed", """{"order_id":"a","products":{}}""", "invalid_products", "properties.products")]
    [InlineData("Order Completed", """{"order_id":"a","products":["x"]}""", "invalid_products", "properties.products")]
    [InlineData("Order Completed", """{"order_id":"a","products":[{"price":"x"}]}""", "invalid_products", "properties.products.price")]
    [InlineData("Order Updated", "{}", "missing_order_id", "properties.order_id")]
    [InlineData("Order Cancelled", "{}", "missing_order_id", "properties.order_id")]
    [InlineData("Order Refunded", """{"order_id":"a"}""", null, null)]
    [InlineData("Order Refunded", """{"refund_id":"r","total":3}""", null, null)]
    [InlineData("Order Refunded", """{"refund_id":"r"}""", "missing_amount", "properties.amount")]
    [InlineData("Order Refunded", """{"total":3}""", "missing_order_id", "properties.order_id")]
    [InlineData("Order Refunded", """{"order_id":"a","total":-3}""", "invalid_amount", "properties.amount")]
    [InlineData("Survey Answered", """{"kind":"nps","score":0}""", null, null)]
    [InlineData("Survey Answered", """{"kind":"nps","score":11}""", "invalid_score", "properties.score")]
    [InlineData("Survey Answered", """{"kind":"csat","score":0}""", "invalid_score", "properties.score")]
    [InlineData("Survey Answered", """{"kind":"ces","score":"7"}""", null, null)]
    [InlineData("Survey Answered", """{"kind":"ces","score":6.5}""", "invalid_score", "properties.score")]
    [InlineData("Survey Answered", """{"kind":"joy","score":1}""", "invalid_kind", "properties.kind")]
    [InlineData("Something Else", """{"revenue":"lots","products":7}""", null, null)]
    public void Track_is_judged_by_what_it_means(string name, string properties, string? code, string? field)
    {
        var fault = Check("track", $$"""{"type":"track","event":"{{name}}","properties":{{properties}}}""");
        Assert.Equal((code, field), (fault?.Code, fault?.Field));
    }

    [Theory]
    [InlineData("track", "{", "invalid_json")]
    [InlineData("track", "[]", "invalid_event")]
    [InlineData("track", """{"properties":{}}""", "missing_event")]
    [InlineData("track", """{"event":5}""", "invalid_event")]
    [InlineData("track", """{"event":"x","properties":[]}""", "invalid_properties")]
    [InlineData("identify", """{"traits":"x"}""", "invalid_traits")]
    [InlineData("identify", """{"traits":null}""", null)]
    [InlineData("page", """{"properties":null}""", null)]
    [InlineData("group", """{"groupId":"g"}""", null)]
    [InlineData("group", """{"groupId":90071992547409931}""", null)]
    [InlineData("group", "{}", "missing_group_id")]
    [InlineData("group", """{"groupId":" "}""", "missing_group_id")]
    [InlineData("group", """{"groupId":{}}""", "invalid_group_id")]
    [InlineData("group", """{"groupId":"\ud800"}""", "invalid_group_id")]
    [InlineData("group", """{"groupId":"a\u0000b"}""", "invalid_group_id")]
    [InlineData("alias", """{"userId":"u","previousId":"p"}""", null)]
    [InlineData("alias", """{"userId":7,"previousId":8}""", null)]
    [InlineData("alias", """{"userId":"u","anonymousId":"a"}""", null)]
    [InlineData("alias", """{"userId":"u"}""", "missing_previous_id")]
    [InlineData("alias", """{"userId":"u","previousId":null}""", "missing_previous_id")]
    [InlineData("alias", """{"userId":"u","previousId":[]}""", "invalid_previous_id")]
    [InlineData("alias", """{"userId":"u","previousId":"\ud800"}""", "invalid_json")]
    [InlineData("alias", """{"anonymousId":"a","previousId":"p"}""", "missing_user")]
    public void Shape_of_the_event_is_checked(string type, string payload, string? code) => Assert.Equal(code, Check(type, payload)?.Code);

    [Fact]
    public void Only_an_import_may_say_that_an_event_belongs_to_one()
    {
        var payload = """{"event":"x","context":{"import":"mine"}}"""u8;

        Assert.Null(EventCheck.Check("track", payload, mayNameImport: true));
        Assert.Equal(("reserved_field", "context.import"), EventCheck.Check("track", payload, mayNameImport: false) is { } f ? (f.Code, f.Field) : default);
    }

    [Fact]
    public void Nesting_beyond_the_limit_is_no_event()
    {
        var deep = """{"event":"x","properties":""" + string.Concat(Enumerable.Repeat("""{"a":""", 70)) + "1" + new string('}', 71);
        Assert.Equal("invalid_json", Check("track", deep)?.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"event":"Order Completed","properties":{"order_id":["a"],"revenue":{},"products":[[],{"price":[]}],"currency":3}}""")]
    [InlineData("""{"event":"Order Refunded","properties":{"order_id":"a","refund_id":[],"amount":"","products":"x"},"context":7}""")]
    [InlineData("""{"event":"\ud800","properties":{"order_id":"\ud800"},"context":{"import":"\ud800"}}""")]
    [InlineData("""{"event":"Order Completed","properties":{"order_id":"\ud800","revenue":1}}""")]
    [InlineData("""{"traits":{"a":{"b":[1, 2 ,"x \" y"]},"":1}}""")]
    [InlineData("""{"traits":{"\ud800":1}}""")]
    [InlineData("""{"event":"Product Viewed","properties":{"name":"\ud800"}}""")]
    public void Whatever_stands_in_the_journal_is_folded(string payload)
    {
        foreach (var type in new[] { "track", "identify", "page", "screen", "group", "alias" })
        {
            var story = new Story().Own(type, 1, payload).Reload();
            Assert.Equal(1, story.Profile.GetProperty("events").GetInt64());
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_folded()
    {
        var payload = Encoding.UTF8.GetBytes("""{"event":"X?","properties":{"order_id":"?"},"traits":{"k?":"?","e":"?"}}""");
        for (var i = 0; i < payload.Length; i++)
        {
            if (payload[i] == '?')
                payload[i] = 0xFF;
        }

        foreach (var type in new[] { "track", "identify" })
        {
            var story = new Story().Page(1);
            story.Add(story.Entries[^1] with { Offset = 999, Type = type, Payload = payload });
            Assert.Equal(2, story.Reload().Profile.GetProperty("events").GetInt64());
        }
    }

    private static EventFault? Check(string type, string payload) => EventCheck.Check(type, Encoding.UTF8.GetBytes(payload));
}
