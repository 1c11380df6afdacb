using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn.Fitting;

/// <summary>
/// Sums of ln(z + i) and 1 / (z + i) over i below each count: ln G and psi of z + count, less those of z. Counts are whole, so no gamma
/// function is needed.
/// </summary>
internal sealed class GammaSteps(int count)
{
    public double[] Logs { get; } = new double[count + 1];

    public double[] Inverses { get; } = new double[count + 1];

    public void Fill(double z)
    {
        for (var i = 0; i < Logs.Length - 1; i++)
        {
            Logs[i + 1] = Logs[i] + Real.Log(z + i);
            Inverses[i + 1] = Inverses[i] + 1 / (z + i);
        }
    }
}
