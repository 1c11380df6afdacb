namespace OrleansCrm.Server.Benchmarks;

/// <summary>A program whose tracking plan looks at every event that the load sends, as closely as a careful shop would.</summary>
internal static class BenchPlan
{
    public static ReadOnlySpan<byte> Json => """
        {"trackingPlan":{
          "Product Viewed":{"mode":"warn","schema":{"type":"object","required":["product_id"],"properties":{
            "product_id":{"type":"string","pattern":"^sku-[0-9]+$"},"price":{"type":"number","minimum":0},"quantity":{"type":"integer","minimum":1}}}},
          "Product Added":{"mode":"warn","schema":{"type":"object","required":["product_id"],"properties":{
            "product_id":{"type":"string","pattern":"^sku-[0-9]+$"},"price":{"type":"number","minimum":0},"quantity":{"type":"integer","minimum":1}}}},
          "Cart Viewed":{"mode":"warn","schema":{"type":"object","required":["products"],"properties":{
            "products":{"type":"array","items":{"type":"object","required":["product_id"],"properties":{"price":{"type":"number","minimum":0}}}}}}},
          "Order Completed":{"mode":"block","schema":{"type":"object","required":["order_id","revenue"],"properties":{
            "order_id":{"type":"string"},"revenue":{"type":"number","minimum":0},"currency":{"type":"string","enum":["EUR","USD","GBP"]},
            "products":{"type":"array","items":{"type":"object","required":["product_id"],"properties":{"price":{"type":"number","minimum":0}}}}}}}
        }}
        """u8;
}
