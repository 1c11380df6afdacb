namespace OrleansCrm.Server.Benchmarks;

/// <summary>A program whose tracking plan looks at every event that the load sends, as closely as a careful shop would.</summary>
internal static class BenchPlan
{
    public static byte[] Json => [.. "{"u8, .. TrackingPlan, .. "}"u8];

    /// <summary>The same with offers as a shop has them: for all and for some, with caps, windows and a control group.</summary>
    public static byte[] JsonWithOffers => [.. "{"u8, .. TrackingPlan, .. ","u8, .. Offers, .. "}"u8];

    public static byte[] JsonOfOffers => [.. "{"u8, .. Offers, .. "}"u8];

    private static ReadOnlySpan<byte> Offers => """
        "offers":[
          {"id":"free-shipping","kind":"shipping","title":"Free shipping today","cart":{"from":30},"frequency":{"times":20,"days":7}},
          {"id":"ten-percent","kind":"percent","value":10,"title":"10% for you","when":{"field":"orders","atLeast":1},"controlShare":0.1},
          {"id":"welcome","kind":"amount","value":5,"title":"5 for your first order","when":{"field":"orders","is":0},"exclusionGroup":"welcome"},
          {"id":"gift-wrap","kind":"gift","title":"Gift wrapping for nothing","cart":{"products":["sku-0042"]}},
          {"id":"double-points","kind":"points","value":2,"title":"Points count twice","placements":["checkout","cart"],"from":"2020-01-01T00:00:00Z"}
        ]
        """u8;

    private static ReadOnlySpan<byte> TrackingPlan => """
        "trackingPlan":{
          "Product Viewed":{"mode":"warn","schema":{"type":"object","required":["product_id"],"properties":{
            "product_id":{"type":"string","pattern":"^sku-[0-9]+$"},"price":{"type":"number","minimum":0},"quantity":{"type":"integer","minimum":1}}}},
          "Product Added":{"mode":"warn","schema":{"type":"object","required":["product_id"],"properties":{
            "product_id":{"type":"string","pattern":"^sku-[0-9]+$"},"price":{"type":"number","minimum":0},"quantity":{"type":"integer","minimum":1}}}},
          "Cart Viewed":{"mode":"warn","schema":{"type":"object","required":["products"],"properties":{
            "products":{"type":"array","items":{"type":"object","required":["product_id"],"properties":{"price":{"type":"number","minimum":0}}}}}}},
          "Order Completed":{"mode":"block","schema":{"type":"object","required":["order_id","revenue"],"properties":{
            "order_id":{"type":"string"},"revenue":{"type":"number","minimum":0},"currency":{"type":"string","enum":["EUR","USD","GBP"]},
            "products":{"type":"array","items":{"type":"object","required":["product_id"],"properties":{"price":{"type":"number","minimum":0}}}}}}}
        }
        """u8;
}
