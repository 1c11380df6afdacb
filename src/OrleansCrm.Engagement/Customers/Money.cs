using System.Buffers.Text;
using System.Globalization;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// Money is a whole number of millionths. Sums stop at the ends of their range instead of wrapping or failing: an absurd amount must
/// not make a customer impossible to fold.
/// </summary>
internal static class Money
{
    /// <summary>Largest amount of one event in whole units, either sign.</summary>
    public const decimal UnitsMax = 1e12m;

    private const long MicrosMax = 1_000_000_000_000_000_000;

    public static long Add(long x, long y)
    {
        var sum = unchecked(x + y);
        if (((x ^ sum) & (y ^ sum)) < 0)
            return x < 0 ? long.MinValue : long.MaxValue;
        return sum;
    }

    /// <summary>Price times quantity, both in millionths, rounded towards zero.</summary>
    public static long Times(long micros, long factorMicros) => TimesOver(micros, factorMicros, 1_000_000);

    /// <summary>x times y over a positive divisor, rounded towards zero.</summary>
    public static long TimesOver(long x, long y, long divisor)
    {
        // Division of 128 bits costs ten times one of 64, and usual amounts need none.
        var high = Math.BigMul(x, y, out long low);
        return high == low >> 63 ? low / divisor : Saturated((Int128)x * y / divisor);
    }

    public static long Bounded(long micros) => Math.Clamp(micros, -MicrosMax, MicrosMax);

    /// <summary>Reads a JSON number or the content of a numeric string, rounded to millionths; false when it is none or beyond 1e12.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out long micros)
    {
        micros = 0;
        if (!TryParseDecimal(utf8, out var value) || value > UnitsMax || value < -UnitsMax)
            return false;
        micros = (long)decimal.Round(value * 1_000_000m, MidpointRounding.AwayFromZero);
        return true;
    }

    private static bool TryParseDecimal(ReadOnlySpan<byte> utf8, out decimal value)
    {
        if (Utf8Parser.TryParse(utf8, out value, out var consumed) && consumed == utf8.Length)
            return true;
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent
            | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;
        return utf8.Length <= 100 && decimal.TryParse(utf8, Styles, CultureInfo.InvariantCulture, out value);
    }

    private static long Saturated(Int128 value) =>
        value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;
}

/// <summary>A total in one currency.</summary>
internal struct CurrencyTotal(string currency, long micros)
{
    public readonly string Currency = currency;
    public long Micros = micros;
}
