namespace OrleansCrm.Engagement.Churn.Fitting;

/// <param name="Age">T: from the first purchase to the end of what was observed; at least the age at the last purchase.</param>
public readonly record struct ObservedCustomer(PurchaseHistory History, Weeks Age);

/// <summary>
/// Customers that a purchase model is fitted to. Equal ones are counted instead of repeated (of 23,570 CDNOW customers 8,685 differ),
/// and times are divided by a unit near their size, which keeps the search well conditioned.
/// </summary>
public sealed class PurchaseSample
{
    private PurchaseSample(Row[] rows, double unit, int repeatsMax)
    {
        Rows = rows;
        Unit = unit;
        RepeatsMax = repeatsMax;
        foreach (var row in rows)
        {
            Customers += row.Weight;
            Repeats += (long)row.Weight * row.Repeats;
        }
    }

    public int Customers { get; }

    /// <summary>Sum of repeats over all customers.</summary>
    public long Repeats { get; }

    /// <summary>Sorted by repeats, age and age at last purchase: the sums do not depend on the order in which customers were found.</summary>
    internal Row[] Rows { get; }

    /// <summary>Weeks in one unit of the rows' times.</summary>
    internal double Unit { get; }

    internal int RepeatsMax { get; }

    public static PurchaseSample Of(IReadOnlyCollection<ObservedCustomer> customers)
    {
        var all = customers.Select(c => (c.History.Repeats, Last: c.History.AgeAtLast.Count, Age: c.Age.Count)).ToArray();
        Array.Sort(all);
        var ages = Array.ConvertAll(all, c => c.Age);
        Array.Sort(ages);
        var unit = ages.Length > 0 && ages[ages.Length / 2] > 0 ? ages[ages.Length / 2] / 10 : 1;

        var rows = new List<Row>();
        for (var i = 0; i < all.Length;)
        {
            var first = i;
            while (i < all.Length && all[i] == all[first])
                i++;
            rows.Add(new Row(all[first].Repeats, all[first].Last / unit, all[first].Age / unit, i - first));
        }

        return new PurchaseSample([.. rows], unit, all.Length == 0 ? 0 : all[^1].Repeats);
    }

    /// <summary>Every so manieth row, in the same unit: those that are equal in repeats and age lie side by side, so it is as mixed as the whole.</summary>
    internal PurchaseSample Thinned(int share) => new([.. Rows.Where((_, i) => i % share == 0)], Unit, RepeatsMax);

    internal readonly record struct Row(int Repeats, double Last, double Age, int Weight);
}
