namespace OrleansCrm.Engagement.Tests.Churn;

internal static class GammaDraw
{
    /// <summary>From a gamma distribution with unit scale, by Marsaglia and Tsang.</summary>
    public static double NextGamma(this Random random, double shape)
    {
        if (shape < 1)
            return random.NextGamma(shape + 1) * Math.Pow(random.NextDouble(), 1 / shape);
        var d = shape - 1.0 / 3;
        while (true)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            var v = 1 + normal / Math.Sqrt(9 * d);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < normal * normal / 2 + d * (1 - v * v * v + 3 * Math.Log(v)))
                return d * v * v * v;
        }
    }
}
