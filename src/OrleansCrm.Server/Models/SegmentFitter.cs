using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Churn.Fitting;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Segments;

namespace OrleansCrm.Server.Models;

/// <summary>
/// Finds the segments that are worth parameters of their own. They are asked one after the other, those that the program names first in its
/// order, then the others by name; who belongs to one that gets its own is out of the question for those after it, as it is in the fold.
/// </summary>
internal sealed class SegmentFitter(PurchaseRecord[] records, ProgramDocument program, FitRequest request, long asOfMs, IChurnModel everybodys)
{
    public SegmentFit[] Run(CancellationToken cancellation)
    {
        var left = records;
        var fits = new List<SegmentFit>();
        foreach (var name in program.Churn.BySegment.Select(own => own.Segment).Concat(program.Segments.Select(segment => segment.Name)).Distinct(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var members = Array.FindAll(left, record => record.Segments.Contains(name, StringComparer.Ordinal));
            var fit = fits.Count(f => f.Own is not null) == ChurnRules.SegmentsMax
                ? new SegmentFit(name, members.Length, 0) { Reason = SegmentFit.TooMany }
                : FitOf(name, members);
            fits.Add(fit);
            if (fit.Own is not null)
                left = Array.FindAll(left, record => !record.Segments.Contains(name, StringComparer.Ordinal));
        }

        return [.. fits];
    }

    private SegmentFit FitOf(string name, PurchaseRecord[] members)
    {
        var known = Array.ConvertAll(members, r => r.At(asOfMs)).OfType<KnownPurchases>().ToArray();
        var sample = ModelFitter.SampleOf(known);
        var found = new SegmentFit(name, sample.Customers, sample.Repeats);
        if (SegmentReach.ModelField(program.Segments, name) is { } circular)
            return found with { Reason = SegmentFit.FollowsFromModel, Asks = circular };
        if (SegmentReach.PurchaseField(program.Segments, name) is { } chosen)
            return found with { Reason = SegmentFit.ChosenByPurchases, Asks = chosen };
        if (!PurchaseFit.IsEnough(sample) || sample.Customers < request.SegmentCustomersMin || sample.Repeats < request.SegmentCustomersMin / 2)
            return found with { Reason = SegmentFit.TooLittle };

        var fit = PurchaseFit.Of(sample, request.Model);
        found = found with
        {
            Fit = fit,
            LogLikelihoodOfAll = PurchaseFit.LogLikelihoodOf(sample, everybodys),
            GoodnessOfFit = ModelFitter.RepeatsOf(fit.Model, known),
        };
        if (!fit.Converged || fit.Parameters.Any(p => !double.IsFinite(p.Error)))
            return found with { Reason = fit.NobodyStops && fit.Model is not NbdModel ? SegmentFit.NobodyStops : SegmentFit.NotConverged };
        if (fit.NobodyStops && fit.Model is not NbdModel)
            return found with { Reason = SegmentFit.NobodyStops };

        // Akaike: each parameter has to be worth one unit of log-likelihood.
        if (fit.LogLikelihood - found.LogLikelihoodOfAll <= fit.Parameters.Length)
            return found with { Reason = SegmentFit.NoBetter };

        var window = request.Calibrates ? ModelFitter.WindowOf(members, fit.Model.Name, program.Churn.Horizon, asOfMs) : null;
        var spend = ModelFitter.SpendOf(members);
        var own = new SegmentChurn(name, fit.Model, ModelFitter.IsUsable(spend) ? spend.Model : null, window?.Calibration ?? RiskCalibration.None);
        return ModelFitter.IsInRange(program with { Churn = program.Churn with { BySegment = [own] } })
            ? found with { Own = own, Window = window, Spend = spend }
            : found with { Reason = SegmentFit.OutOfRange };
    }
}
