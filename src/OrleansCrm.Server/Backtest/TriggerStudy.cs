using OrleansCrm.Engagement.Churn;

namespace OrleansCrm.Server.Backtest;

/// <param name="Precision">Share of the alerts after which the customer bought nothing for <see cref="TriggerStudy.HitDays"/> days.</param>
/// <param name="MedianSilence">How long the customers had been silent when the alert came: the earlier at equal precision the better.</param>
/// <param name="MedianLead">Of the alerts that were right: how long before the 90-day rule would have noticed the same silence.</param>
internal sealed record TriggerResult(string Rule, int Alerts, double Precision, Weeks MedianSilence, Weeks MedianLead);

/// <summary>
/// What the alerts would have been: every purchase of a repeat buyer arms a timer, and the alert comes if the customer is still silent
/// then. The rules are compared at the number of alerts that the 90-day rule gives.
/// </summary>
internal static class TriggerStudy
{
    /// <summary>A customer who bought nothing for so long after the alert had left.</summary>
    public const int HitDays = 182;

    private const int Halvings = 30;

    public static TriggerResult[] Run(IReadOnlyCollection<Buyer> buyers, IChurnModel model, Weeks horizon, double meanGap)
    {
        var end = buyers.Max(b => b.Days[^1].Day);
        var plain = Fire("silent for 90 days", buyers, end, _ => Weeks.FromDays(PlainRules.SilentDays));
        return
        [
            plain,
            Matched("own gaps", 0.1, 100, (k, history) => new Weeks(k * PlainRules.OwnGap(history, meanGap))),
            Matched(model.Name + " horizon risk", 0.01, 0.999, (risk, history) => SilenceAt(model.WhenHorizonRisk(history, horizon, risk))),
        ];

        // More of the threshold means later alerts, and so fewer.
        TriggerResult Matched(string rule, double low, double high, Func<double, PurchaseHistory, Weeks?> silence)
        {
            for (var i = 0; i < Halvings; i++)
            {
                var middle = (low + high) / 2;
                if (Fire(rule, buyers, end, h => silence(middle, h)).Alerts > plain.Alerts)
                    low = middle;
                else
                    high = middle;
            }

            return Fire(rule, buyers, end, h => silence(high, h));
        }
    }

    private static Weeks? SilenceAt(Crossing crossing) => crossing.Kind switch
    {
        CrossingKind.Now => new Weeks(0),
        CrossingKind.At => crossing.Silence,
        _ => null,
    };

    private static TriggerResult Fire(string rule, IEnumerable<Buyer> buyers, DateOnly end, Func<PurchaseHistory, Weeks?> silence)
    {
        var silences = new List<double>();
        var leads = new List<double>();
        foreach (var buyer in buyers)
        {
            for (var i = 1; i < buyer.Days.Length; i++)
            {
                var last = buyer.Days[i].Day;
                var history = new PurchaseHistory(i, Subject.Span(buyer.Days[0].Day, last));
                if (silence(history) is not { } wait || wait.Count > Subject.Span(last, end).Count)
                    continue;
                var fires = last.DayNumber + wait.Count * 7;
                var next = i + 1 < buyer.Days.Length ? buyer.Days[i + 1].Day.DayNumber : int.MaxValue;
                if (next <= fires || fires + HitDays > end.DayNumber)
                    continue;
                silences.Add(wait.Count);
                if (next > fires + HitDays)
                    leads.Add(Weeks.FromDays(PlainRules.SilentDays).Count - wait.Count);
            }
        }

        return new TriggerResult(rule, silences.Count, silences.Count == 0 ? double.NaN : (double)leads.Count / silences.Count, Median(silences), Median(leads));
    }

    private static Weeks Median(List<double> weeks)
    {
        weeks.Sort();
        return new Weeks(weeks.Count == 0 ? 0 : weeks[weeks.Count / 2]);
    }
}
