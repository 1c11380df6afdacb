namespace OrleansCrm.Server.Import;

/// <summary>What the person who ran the import is told at its end.</summary>
internal static class ImportReport
{
    /// <param name="sending">How long the events took; the rest of <paramref name="elapsed"/> went into reading and living through.</param>
    public static IEnumerable<string> Write(ImportPlan plan, IImportSource source, ImportTally tally, TimeSpan sending, TimeSpan elapsed)
    {
        var counts = source.Counts;
        yield return tally.IsStopped
            ? $"{plan.Import}: stopped before the end; run it again to go on"
            : $"{plan.Import}: complete";
        yield return Row("lines", counts.Lines);
        yield return Row("orders", counts.Orders);
        yield return Row("refunds", counts.Refunds);
        yield return Row("customers", counts.Customers);
        yield return Row("rows without customer", counts.RowsWithoutCustomer);
        yield return Row("bad rows", counts.BadRows);
        foreach (var bad in counts.FirstBadRows)
            yield return $"    line {bad.Line}: {bad.Field} {bad.Problem}";
        if (counts.BadRows > counts.FirstBadRows.Count)
            yield return $"    and {counts.BadRows - counts.FirstBadRows.Count:#,0} more";
        yield return Row("applied", tally.Applied);
        yield return Row("duplicates", tally.Duplicates);
        yield return Row("rejected", tally.Rejected);
        foreach (var (code, count) in tally.Rejections())
            yield return $"    {code}: {count:#,0}";
        if (plan.ShiftMs != 0)
            yield return $"  times moved by {TimeSpan.FromMilliseconds(plan.ShiftMs):d\\.hh\\:mm\\:ss}";
        yield return $"  {"seconds",-22}{elapsed.TotalSeconds,14:#,0.0}";
        yield return $"  {"events/s",-22}{tally.Done / Math.Max(sending.TotalSeconds, 0.001),14:#,0}";
    }

    private static string Row(string name, long value) => $"  {name,-22}{value,14:#,0}";
}
