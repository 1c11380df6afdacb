using System.Text;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Personalization;

namespace OrleansCrm.Engagement.Tests.Personalization;

public sealed class ProductEventsTests
{
    [Theory]
    [InlineData("""{"event":"Order Completed","properties":{"products":[{"product_id":"p1","sku":"pan","category":"Kitchen"},{"sku":"lid"}]}}""")]
    [InlineData("""{"properties":{"note":{"products":[{"sku":"spoon"}]},"products":[{"sku":"pan","product_id":"p1"},{"name":["x"],"sku":"lid"}]},"event":"Order Completed"}""")]
    [InlineData("""{"context":{"event":"Page","properties":{"products":[]}},"event":"Order Completed","properties":{"products":[7,null,{"sku":"pan"},{},{"sku":"lid"}]}}""")]
    public void Order_names_its_products_wherever_they_stand(string payload) => Assert.Equal(["lid"], WhatGoesWith("pan", EntryTypes.Track, payload));

    [Theory]
    [InlineData(EntryTypes.BrowserTrack, """{"event":"Order Completed","properties":{"products":[{"sku":"pan"},{"sku":"lid"}]}}""")]
    [InlineData(EntryTypes.Identify, """{"event":"Order Completed","properties":{"products":[{"sku":"pan"},{"sku":"lid"}]}}""")]
    [InlineData(EntryTypes.Track, """{"event":"Order Refunded","properties":{"note":"Order Completed","products":[{"sku":"pan"},{"sku":"lid"}]}}""")]
    [InlineData(EntryTypes.Track, """{"event":"Order Completed","properties":[{"sku":"pan"},{"sku":"lid"}]}""")]
    [InlineData(EntryTypes.Track, """{"event":"Order Completed","properties":{"products":{"sku":"pan"}}}""")]
    [InlineData(EntryTypes.Track, """["Order Completed",{"sku":"pan"}]""")]
    [InlineData(EntryTypes.Track, """{"event":"Order Completed","properties":{"products":[{"sku":"pan"},{"sku":"lid"}""")]
    [InlineData(EntryTypes.Track, """{"event":"Order Completed","properties":{"products":[{"sku":"pan"},{"sku":"\ud800"}]}}""")]
    public void What_is_no_order_of_the_shop_teaches_nothing(string type, string payload) => Assert.Empty(WhatGoesWith("pan", type, payload));

    [Fact]
    public void Products_looked_at_together_go_together_whether_their_ids_are_texts_or_numbers()
    {
        var learner = new ProductLearner();
        ProductEvents.Learn(learner, EntryOf(EntryTypes.BrowserTrack, 1, """{"event":"Product Viewed","properties":{"sku":"pan","price":12.5}}"""));
        ProductEvents.Learn(learner, EntryOf(EntryTypes.BrowserTrack, 2, """{"event":"Product Added","properties":{"product_id":4711,"category":"Kitchen"}}"""));

        Assert.Equal(["4711"], learner.Build().Recommend([], [new CartLine("pan", "", 1_000_000, 0)], 3, 3).Select(r => r.Sku));
    }

    private static string[] WhatGoesWith(string sku, string type, string payload)
    {
        var learner = new ProductLearner();
        ProductEvents.Learn(learner, EntryOf(type, 1, payload));
        return [.. learner.Build().Recommend([], [new CartLine(sku, "", 1_000_000, 0)], 3, 2).Select(r => r.Sku)];
    }

    private static Entry EntryOf(string type, long offset, string payload) =>
        new(0, offset, "t\0u\0ada", new Guid(1, 0, 0, BitConverter.GetBytes(offset)), type, offset, offset, Encoding.UTF8.GetBytes(payload));
}
