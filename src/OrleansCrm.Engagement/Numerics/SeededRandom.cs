using System.Numerics;

namespace OrleansCrm.Engagement.Numerics;

/// <summary>
/// xoshiro256** (Blackman, Vigna 2018) seeded by SplitMix64. The framework's seeded generator may change between versions and its logarithm
/// differs between processors; the same seed has to give the same history everywhere.
/// </summary>
public sealed class SeededRandom
{
    private ulong _a, _b, _c, _d;

    public SeededRandom(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    /// <summary>A generator of its own for one thing among many: the same whatever was drawn for the others.</summary>
    public static SeededRandom For(ulong seed, ulong thing, ulong part = 0)
    {
        var mixed = seed;
        var first = SplitMix(ref mixed) ^ thing;
        var second = SplitMix(ref first) ^ part;
        return new SeededRandom(SplitMix(ref second));
    }

    public ulong Next()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform above 0 and below 1.</summary>
    public double Uniform() => ((Next() >> 12) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>Uniform from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(((UInt128)Next() * (uint)count) >> 64);

    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Time to the next event of a Poisson process.</summary>
    public double Exponential(double rate) => -Real.Log(Uniform()) / rate;

    /// <summary>Marsaglia's polar method.</summary>
    public double Normal()
    {
        while (true)
        {
            var x = 2 * Uniform() - 1;
            var y = 2 * Uniform() - 1;
            var square = x * x + y * y;
            if (square is > 0 and < 1)
                return x * Math.Sqrt(-2 * Real.Log(square) / square);
        }
    }

    /// <summary>Marsaglia, Tsang 2000; below shape 1 by the boost U^(1/shape).</summary>
    public double Gamma(double shape, double rate)
    {
        if (shape < 1)
            return Gamma(shape + 1, rate) * Real.Exp(Real.Log(Uniform()) / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            if (Real.Log(Uniform()) < x * x / 2 + d - d * v + d * Real.Log(v))
                return d * v / rate;
        }
    }

    public double Beta(double a, double b)
    {
        var x = Gamma(a, 1);
        return x / (x + Gamma(b, 1));
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
}
