using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Churn;

/// <summary>
/// What Pareto/NBD's odds of having stopped are an integral of: (alpha+T)^(r+x) (beta+T)^s times s (alpha+u)^-(r+x) (beta+u)^-(s+1), for u
/// from the end of the known purchases to T. 64-point Gauss-Legendre in ln(min(alpha, beta) + u), as logarithms: exact to 1e-14 where the
/// published 2F1 overflows.
/// </summary>
internal readonly ref struct StopIntegral
{
    private readonly double _lesserEnd;
    private readonly double _greaterEnd;
    private readonly double _gap;
    private readonly double _ofLesser;
    private readonly double _ofGreater;
    private readonly double _constant;

    public StopIntegral(ParetoNbdModel model, int repeats, double from, double span)
    {
        var to = from + span;
        var lesser = Math.Min(model.Alpha, model.Beta);
        var exponent = model.R + repeats;
        Half = Real.Log1p(span / (lesser + from)) / 2;
        _lesserEnd = lesser + to;
        _greaterEnd = Math.Max(model.Alpha, model.Beta) + to;
        _gap = _greaterEnd - _lesserEnd;

        // The change of variable multiplies by lesser + u, which with beta + u is a constant where beta is the lesser.
        (_ofLesser, _ofGreater, _constant) = model.Alpha <= model.Beta
            ? (exponent - 1, model.S + 1, Real.Log(_lesserEnd / _greaterEnd))
            : (model.S, exponent, 0);
    }

    /// <summary>Half the length of the range in the variable of the rule.</summary>
    public double Half { get; }

    /// <summary>Logarithm of the weighted integrand at a node, without s and <see cref="Half"/>.</summary>
    /// <param name="lesser">ln((l + T) / (l + u)), l the lesser of alpha and beta.</param>
    /// <param name="greater">The same of the greater.</param>
    public double LogAt(int node, out double lesser, out double greater)
    {
        lesser = Half * (1 - GaussLegendre.Node(node));
        greater = Real.Log(_greaterEnd / (_lesserEnd * Real.Exp(-lesser) + _gap));
        return _ofLesser * lesser + _ofGreater * greater + _constant + GaussLegendre.LogWeight(node);
    }
}
