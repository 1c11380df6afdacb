using System.Globalization;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>
/// Keys of what can run out: an offer's budget, the slice of it that a partition has, and a coupon. They are nobody, yet each has a state in
/// the journal like a customer, so what is taken from them is exact, durable and delivered once by what customers have for that.
/// </summary>
public static class ReserveKeys
{
    /// <summary>Longest code of a coupon.</summary>
    public const int CodeLengthMax = 40;
    public const int CodeLengthMin = 4;

    /// <summary>Of codes that are made: without what is mistaken for something else when it is read out.</summary>
    public const string CodeAlphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789";

    /// <summary>Letters of a made code behind its prefix.</summary>
    public const int CodeLetters = 10;

    /// <param name="offer">Hash of the offer's id.</param>
    public static string Budget(string tenant, ulong offer) =>
        string.Create(CultureInfo.InvariantCulture, $"{tenant}/{CustomerKey.BudgetPrefix}{offer:x16}");

    /// <summary>The slice stands in its partition.</summary>
    public static string Slice(string tenant, int partition, ulong offer) =>
        string.Create(CultureInfo.InvariantCulture, $"{tenant}/{CustomerKey.SlicePrefix}{partition}-{offer:x16}");

    public static string Coupon(string tenant, string code) => string.Concat(tenant, "/", CustomerKey.CouponPrefix, code);

    /// <summary>A coupon's code as it is kept; empty for what can be none. 4 to 40 of letters, digits and hyphens, in capitals.</summary>
    public static string CodeOf(string? said)
    {
        var code = said?.Trim() ?? "";
        if (code.Length is < CodeLengthMin or > CodeLengthMax)
            return "";
        foreach (var letter in code)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '-')
                return "";
        }

        return code.ToUpperInvariant();
    }

    /// <summary>The code that follows from a seed.</summary>
    internal static string CodeOf(string prefix, ulong seed)
    {
        var random = new SeededRandom(seed);
        Span<char> letters = stackalloc char[CodeLetters];
        foreach (ref var letter in letters)
            letter = CodeAlphabet[random.Below(CodeAlphabet.Length)];
        return string.Concat(prefix, "-", letters);
    }

    internal static bool Is(string key) => CustomerKey.IsReserve(key);

    /// <summary>The offer that a budget or slice belongs to.</summary>
    internal static ulong OfferOf(string key) => ulong.Parse(key.AsSpan(key.Length - 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>The part of a coupon's key that is its code.</summary>
    internal static string CodeOfKey(string key) => key[(key.IndexOf(':') + 1)..];
}
