using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Tests.Numerics;

/// <summary>Expected values were computed with forty digits and rounded to the nearest double.</summary>
public sealed class RealTests
{
    [Theory]
    [InlineData(1e-310, -713.8013788281542)]
    [InlineData(1e-05, -11.512925464970229)]
    [InlineData(0.1, -2.3025850929940455)]
    [InlineData(0.5, -0.6931471805599453)]
    [InlineData(0.7071067811865475, -0.34657359027997275)]
    [InlineData(0.9999999, -1.0000000494736474e-07)]
    [InlineData(1.0000001, 9.999999505838704e-08)]
    [InlineData(1, 0)]
    [InlineData(1.5, 0.4054651081081644)]
    [InlineData(2, 0.6931471805599453)]
    [InlineData(3.7, 1.308332819650179)]
    [InlineData(10, 2.302585092994046)]
    [InlineData(1e10, 23.025850929940457)]
    [InlineData(1e300, 690.7755278982137)]
    public void Log_is_exact_to_the_last_place(double x, double expected) => AssertWithinOnePlace(expected, Real.Log(x));

    [Theory]
    [InlineData(-0.9999, -9.210340371976294)]
    [InlineData(-0.5, -0.6931471805599453)]
    [InlineData(-0.3, -0.35667494393873234)]
    [InlineData(-0.001, -0.0010005003335835335)]
    [InlineData(-1e-17, -1e-17)]
    [InlineData(1e-17, 1e-17)]
    [InlineData(1e-10, 9.999999999500001e-11)]
    [InlineData(1e-05, 9.999950000333332e-06)]
    [InlineData(0.3, 0.26236426446749106)]
    [InlineData(0.42, 0.35065687161316933)]
    [InlineData(5, 1.791759469228055)]
    [InlineData(1e6, 13.815511557963774)]
    [InlineData(1e17, 39.14394658089878)]
    [InlineData(1e18, 41.44653167389282)]
    public void Log1p_is_exact_to_the_last_place(double x, double expected) => AssertWithinOnePlace(expected, Real.Log1p(x));

    [Theory]
    [InlineData(-745, 5e-324)]
    [InlineData(-700, 9.85967654375977e-305)]
    [InlineData(-40, 4.248354255291589e-18)]
    [InlineData(-1, 0.36787944117144233)]
    [InlineData(-1e-09, 0.999999999)]
    [InlineData(0, 1)]
    [InlineData(1e-09, 1.000000001)]
    [InlineData(0.3466, 1.4142509118505286)]
    [InlineData(0.5, 1.6487212707001282)]
    [InlineData(1, 2.718281828459045)]
    [InlineData(10, 22026.465794806718)]
    [InlineData(100, 2.6881171418161356e43)]
    [InlineData(700, 1.0142320547350045e304)]
    [InlineData(709.7, 1.6549840276802644e308)]
    public void Exp_is_exact_to_the_last_place(double x, double expected) => AssertWithinOnePlace(expected, Real.Exp(x));

    [Theory]
    [InlineData(-50, -1)]
    [InlineData(-37, -0.9999999999999999)]
    [InlineData(-1, -0.6321205588285577)]
    [InlineData(-0.35, -0.29531191028128656)]
    [InlineData(-0.34, -0.2882296772373903)]
    [InlineData(-1e-05, -9.999950000166666e-06)]
    [InlineData(-1e-17, -1e-17)]
    [InlineData(0, 0)]
    [InlineData(1e-17, 1e-17)]
    [InlineData(1e-10, 1.00000000005e-10)]
    [InlineData(0.1, 0.10517091807564763)]
    [InlineData(0.339, 0.4035433452127261)]
    [InlineData(0.5, 0.6487212707001282)]
    [InlineData(5, 147.4131591025766)]
    [InlineData(39, 8.659340042399374e16)]
    [InlineData(100, 2.6881171418161356e43)]
    public void Expm1_is_exact_to_the_last_place(double x, double expected) => AssertWithinOnePlace(expected, Real.Expm1(x));

    [Theory]
    [InlineData(0.001, 6.907178885383853)]
    [InlineData(0.1, 2.252712651734206)]
    [InlineData(0.25, 1.2880225246980774)]
    [InlineData(0.5, 0.5723649429247001)]
    [InlineData(0.9, 0.06637623973474295)]
    [InlineData(1, 0)]
    [InlineData(1.5, -0.12078223763524522)]
    [InlineData(2, 0)]
    [InlineData(3.25, 0.9358019311087253)]
    [InlineData(10, 12.801827480081469)]
    [InlineData(123.456, 469.6055471299295)]
    [InlineData(8000, 63893.999915835324)]
    public void LogGamma_has_fourteen_digits(double x, double expected) =>
        Assert.InRange(Gamma.LogGamma(x) - expected, -1e-14 * Math.Max(1, expected), 1e-14 * Math.Max(1, expected));

    [Fact]
    public void Limits_are_those_of_the_functions()
    {
        Assert.Equal(double.NegativeInfinity, Real.Log(0));
        Assert.True(double.IsNaN(Real.Log(-1)));
        Assert.Equal(double.PositiveInfinity, Real.Log(double.PositiveInfinity));
        Assert.Equal(double.NegativeInfinity, Real.Log1p(-1));
        Assert.True(double.IsNaN(Real.Log1p(-2)));
        Assert.Equal(double.PositiveInfinity, Real.Log1p(double.PositiveInfinity));
        Assert.Equal(double.PositiveInfinity, Real.Exp(1000));
        Assert.Equal(0, Real.Exp(double.NegativeInfinity));
        Assert.Equal(-1, Real.Expm1(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Real.Expm1(double.PositiveInfinity));
        Assert.True(double.IsNaN(Real.Exp(double.NaN)) && double.IsNaN(Real.Expm1(double.NaN)) && double.IsNaN(Real.Log(double.NaN)));
        Assert.True(double.IsNaN(Gamma.LogGamma(0)) && double.IsNaN(Gamma.LogGamma(-3)));
    }

    [Fact]
    public void Random_arguments_agree_with_the_C_library_within_two_places()
    {
        var random = new Random(1);
        for (var i = 0; i < 200_000; i++)
        {
            var x = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 3));
            AssertWithin(Math.Exp(x), Real.Exp(x), 2);
            var y = Math.Pow(10, random.NextDouble() * 600 - 300);
            AssertWithin(Math.Log(y), Real.Log(y), 2);
            AssertWithin(Math.Log(1 + Math.Abs(x)), Real.Log(1 + Math.Abs(x)), 2);
        }
    }

    private static void AssertWithinOnePlace(double expected, double actual) => AssertWithin(expected, actual, 1);

    private static void AssertWithin(double expected, double actual, long places) =>
        Assert.True(
            Math.Abs(BitConverter.DoubleToInt64Bits(expected) - BitConverter.DoubleToInt64Bits(actual)) <= places
            || expected == actual,
            $"{expected:R} {actual:R}");
}
