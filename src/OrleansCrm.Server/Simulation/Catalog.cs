using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Server.Simulation;

/// <param name="PriceCents">Whole cents: a cart's value is exact.</param>
internal readonly record struct CartItem(Product Product, int Quantity)
{
    public int ValueCents => Quantity * Product.PriceCents;
}

internal sealed record Product(string Sku, string Name, string Category, int PriceCents);

/// <summary>What the invented shops sell and who shops there. Names are common first and last names put together, addresses end in the
/// domain reserved for examples.</summary>
internal static class Catalog
{
    private static readonly string[] FirstNames =
    [
        "Ada", "Ben", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Iris", "Jonas", "Kira", "Leo", "Mara", "Nils", "Olga", "Paul",
        "Rosa", "Simon", "Thea", "Uwe", "Vera", "Willem", "Yara", "Zoe",
    ];

    private static readonly string[] LastNames =
    [
        "Albers", "Becker", "Costa", "Dahl", "Evans", "Fischer", "Garcia", "Hansen", "Ivanov", "Jensen", "Keller", "Larsen", "Moreau", "Novak",
        "Olsen", "Petit", "Rossi", "Santos", "Turner", "Vogel", "Weber", "Young", "Zimmer",
    ];

    public static readonly Product[] Products =
    [
        new("MUG-01", "Stoneware mug", "kitchen", 1490),
        new("MUG-02", "Espresso cups, set of two", "kitchen", 2250),
        new("POT-01", "Cast iron pot", "kitchen", 8990),
        new("KNF-01", "Chef's knife", "kitchen", 6450),
        new("BRD-01", "Oak cutting board", "kitchen", 3980),
        new("LMP-01", "Reading lamp", "living", 7290),
        new("LMP-02", "Paper lantern", "living", 1995),
        new("CSH-01", "Linen cushion", "living", 2890),
        new("BLK-01", "Wool blanket", "living", 9900),
        new("VAS-01", "Glass vase", "living", 3450),
        new("CND-01", "Beeswax candles", "living", 1250),
        new("TWL-01", "Bath towel", "bath", 2590),
        new("SOP-01", "Olive soap", "bath", 595),
        new("MAT-01", "Bath mat", "bath", 3290),
        new("NTB-01", "Dotted notebook", "desk", 1350),
        new("PEN-01", "Fountain pen", "desk", 4750),
        new("BAG-01", "Canvas bag", "travel", 2450),
        new("BTL-01", "Steel bottle", "travel", 2790),
        new("TEA-01", "Green tea", "pantry", 1190),
        new("COF-01", "Coffee beans, 1 kg", "pantry", 2190),
    ];

    /// <summary>One to four different products, mostly one of each.</summary>
    public static CartItem[] Cart(SeededRandom random)
    {
        var items = new CartItem[1 + random.Below(4)];
        var first = random.Below(Products.Length);
        for (var i = 0; i < items.Length; i++)
            items[i] = new CartItem(Products[(first + i * 7) % Products.Length], random.Chance(0.75) ? 1 : 2 + random.Below(3));
        return items;
    }

    public static string Name(SeededRandom random) =>
        $"{FirstNames[random.Below(FirstNames.Length)]} {LastNames[random.Below(LastNames.Length)]}";
}
