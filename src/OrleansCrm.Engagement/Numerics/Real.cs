namespace OrleansCrm.Engagement.Numerics;

/// <summary>
/// exp, log, log1p and expm1 for double, made of + - * / and bit operations only. The C library's versions differ between
/// processors in the last bit, and one bit can move a threshold by a second: a journal folded elsewhere would give another state.
/// Errors stay below one unit in the last place (tests compare with exact values).
/// </summary>
public static class Real
{
    // ln 2 in two parts: the first has 32 trailing zero bits, so an exponent times it is exact.
    private const double Ln2High = 0.69314718036912381649;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double OneOverLn2 = 1.4426950408889634074;

    private const double ExpOverflow = 709.782712893384;
    private const double ExpUnderflow = -745.1332191019412;
    private const double TwoTo54 = 18014398509481984.0;

    /// <summary>Natural logarithm; minus infinity at 0, NaN below.</summary>
    public static double Log(double x)
    {
        if (!(x > 0))
            return x == 0 ? double.NegativeInfinity : double.NaN;
        if (double.IsPositiveInfinity(x))
            return x;

        var exponent = 0;
        if (x < 2.2250738585072014e-308)
        {
            x *= TwoTo54;
            exponent = -54;
        }

        // x = 2^exponent m with m between sqrt(1/2) and sqrt(2).
        var bits = BitConverter.DoubleToInt64Bits(x);
        exponent += (int)(bits >> 52) - 1023;
        var m = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (m > 1.4142135623730951)
        {
            m *= 0.5;
            exponent++;
        }

        var f = m - 1;
        return exponent * Ln2High - (TailOfLog(f, exponent * Ln2Low) - f);
    }

    /// <summary>ln(1 + x) without the cancellation of forming 1 + x first.</summary>
    public static double Log1p(double x)
    {
        if (x > -0.29 && x < 0.41)
            return x - TailOfLog(x, 0);
        if (!(x > -1))
            return x == -1 ? double.NegativeInfinity : double.NaN;
        if (x > 1e17)
            return Log(x);
        var u = 1 + x;
        return Log(u) + (x - (u - 1)) / u;
    }

    /// <summary>e to the power of x; 0 below about -745, infinity above about 709.8.</summary>
    public static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x > ExpOverflow)
            return double.PositiveInfinity;
        if (x < ExpUnderflow)
            return 0;
        var k = Reduce(x, out var r);
        return Scale(1 + Expm1Near0(r), k);
    }

    /// <summary>e^x - 1 without cancellation near 0.</summary>
    public static double Expm1(double x)
    {
        if (x > -0.34 && x < 0.34)
            return Expm1Near0(x);
        if (double.IsNaN(x))
            return x;
        if (x < -38)
            return -1;
        if (x > 40)
            return Exp(x);

        // e^x - 1 = 2^k (expm1(r) + (1 - 2^-k)): the bracket's second part is exact.
        var k = Reduce(x, out var r);
        return Scale(Expm1Near0(r) + (1 - Scale(1, -k)), k);
    }

    /// <summary>
    /// f - ln(1 + f), less <paramref name="low"/>. With s = f / (2 + f), ln(1 + f) = 2 artanh s = f - (f^2/2 - s (f^2/2 + R)),
    /// R = 2 s^2/3 + 2 s^4/5 + ...; |s| is at most 0.172, so eleven terms leave less than 1e-18.
    /// </summary>
    private static double TailOfLog(double f, double low)
    {
        var s = f / (2 + f);
        var z = s * s;
        var sum = 2.0 / 23;
        sum = sum * z + 2.0 / 21;
        sum = sum * z + 2.0 / 19;
        sum = sum * z + 2.0 / 17;
        sum = sum * z + 2.0 / 15;
        sum = sum * z + 2.0 / 13;
        sum = sum * z + 2.0 / 11;
        sum = sum * z + 2.0 / 9;
        sum = sum * z + 2.0 / 7;
        sum = sum * z + 2.0 / 5;
        sum = sum * z + 2.0 / 3;
        var half = 0.5 * f * f;
        return half - (s * (half + sum * z) + low);
    }

    private static int Reduce(double x, out double r)
    {
        var k = Math.Floor(x * OneOverLn2 + 0.5);
        r = x - k * Ln2High - k * Ln2Low;
        return (int)k;
    }

    // Taylor to the 14th power; |r| is at most 0.347, the next term below 1e-19.
    private static double Expm1Near0(double r)
    {
        var sum = 1.0 / 87178291200;
        sum = sum * r + 1.0 / 6227020800;
        sum = sum * r + 1.0 / 479001600;
        sum = sum * r + 1.0 / 39916800;
        sum = sum * r + 1.0 / 3628800;
        sum = sum * r + 1.0 / 362880;
        sum = sum * r + 1.0 / 40320;
        sum = sum * r + 1.0 / 5040;
        sum = sum * r + 1.0 / 720;
        sum = sum * r + 1.0 / 120;
        sum = sum * r + 1.0 / 24;
        sum = sum * r + 1.0 / 6;
        sum = sum * r + 0.5;
        return r + r * r * sum;
    }

    // Two factors, because 2^k alone leaves the range of normal numbers at both ends.
    private static double Scale(double value, int k)
    {
        var first = k / 2;
        return value * PowerOfTwo(first) * PowerOfTwo(k - first);
    }

    private static double PowerOfTwo(int k) => BitConverter.Int64BitsToDouble((long)(k + 1023) << 52);
}
