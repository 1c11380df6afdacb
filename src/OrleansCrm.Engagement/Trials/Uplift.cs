using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Engagement.Trials;

/// <summary>
/// What telling agents has done: those of whom they were told against those of whom, by lot, they were not.
/// </summary>
/// <remarks>
/// Rates have Wilson's score interval (Wilson 1927), their difference the one that Newcombe built from it (Statistics in Medicine 17, 1998,
/// 873-890, method 10), which keeps its promise with few customers and rates near 0 or 1 too. The difference of the means of revenue has the
/// large-sample interval with unequal variances (Welch 1938): trust it from some hundred customers in either group on. All at 95%.
/// </remarks>
/// <param name="ReturnRate">Treated less control; null while one of the groups is empty: of nobody nothing is known.</param>
/// <param name="Revenue">
/// Per customer, in units of the program's currency: treated less control; null before each group has two customers.
/// </param>
public sealed record Uplift(TrialTally Treated, TrialTally Control, Interval? ReturnRate, Interval? Revenue)
{
    private const double Z = 1.959963984540054;
    private const string Prefix = "uplift.";

    public static Uplift Of(in TrialTally treated, in TrialTally control)
    {
        var (t, c) = (RateOf(treated), RateOf(control));
        var difference = t.Value - c.Value;
        Interval? rate = treated.Customers == 0 || control.Customers == 0
            ? null
            : new Interval(
                difference,
                difference - Math.Sqrt(Square(t.Value - t.Low) + Square(c.High - c.Value)),
                difference + Math.Sqrt(Square(t.High - t.Value) + Square(c.Value - c.Low)));
        if (treated.Customers < 2 || control.Customers < 2)
            return new Uplift(treated, control, rate, null);
        var gap = MeanOf(treated) - MeanOf(control);
        var error = Z * Math.Sqrt(VarianceOf(treated) / treated.Customers + VarianceOf(control) / control.Customers);
        return new Uplift(treated, control, rate, new Interval(gap, gap - error, gap + error));
    }

    /// <summary>The share that returned, with Wilson's interval.</summary>
    public static Interval RateOf(in TrialTally tally)
    {
        if (tally.Customers == 0)
            return new Interval(0, 0, 1);
        double n = tally.Customers;
        var p = tally.Returned / n;
        var centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
        var half = Z * Math.Sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n);
        return new Interval(p, Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>Mean revenue within the horizon, in units.</summary>
    public static double MeanOf(in TrialTally tally) => tally.Customers == 0 ? 0 : tally.RevenueMicros / 1e6 / tally.Customers;

    /// <summary>What one customer's trials add to the sums.</summary>
    internal static void AddTo(List<MetricSum> sums, TrialRecord record)
    {
        Add(sums, NameOf(record.Salt, isControl: false), record.Treated, record.Newest is { IsOver: false, IsControl: false });
        Add(sums, NameOf(record.Salt, isControl: true), record.Control, record.Newest is { IsOver: false, IsControl: true });
    }

    /// <summary>The tally of one group, out of sums by name.</summary>
    public static (TrialTally Over, long Running) Find(string salt, bool isControl, Func<string, long> sumOf)
    {
        var name = NameOf(salt, isControl);
        return (
            new TrialTally(sumOf(name + "customers"), sumOf(name + "returned"), sumOf(name + "revenue"), sumOf(name + "units"), sumOf(name + "squares")),
            sumOf(name + "running"));
    }

    /// <summary>Whether a metric is of trials that are over: it stays when the customer is erased.</summary>
    internal static bool IsLasting(string metric) =>
        metric.StartsWith(Prefix, StringComparison.Ordinal) && !metric.EndsWith(".running", StringComparison.Ordinal);

    private static string NameOf(string salt, bool isControl) => Prefix + salt + (isControl ? ".control." : ".treated.");

    private static void Add(List<MetricSum> sums, string name, in TrialTally tally, bool isRunning)
    {
        Add(sums, name + "customers", tally.Customers);
        Add(sums, name + "returned", tally.Returned);
        Add(sums, name + "revenue", tally.RevenueMicros);
        Add(sums, name + "units", tally.Units);
        Add(sums, name + "squares", tally.Squares);
        Add(sums, name + "running", isRunning ? 1 : 0);
    }

    private static void Add(List<MetricSum> sums, string name, long value)
    {
        if (value != 0)
            sums.Add(new MetricSum(name, value));
    }

    private static double VarianceOf(in TrialTally tally)
    {
        double n = tally.Customers;
        var mean = tally.Units / n;
        return Math.Max(0, (tally.Squares - n * mean * mean) / (n - 1));
    }

    private static double Square(double x) => x * x;
}

/// <summary>An estimate with the bounds of its interval.</summary>
public readonly record struct Interval(double Value, double Low, double High);
