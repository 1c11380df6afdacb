using System.Globalization;

namespace OrleansCrm.Server.Capacity;

/// <summary>The verb <c>capacity</c>: what a shop of a size takes, on one machine and on many silos, and what ends first.</summary>
internal static class CapacityVerb
{
    private const double SmallestSize = 100_000;

    private static readonly int[] Silos = [1, 4, 16, 64];

    /// <returns>Exit code: 0, or 2 for a value out of range.</returns>
    public static async Task<int> RunAsync(ShopLoad load, int partitions, ulong seed, TextWriter output, TextWriter error)
    {
        if (load.FindFault() is { } fault)
        {
            await error.WriteLineAsync(fault);
            return CommandLine.ExitCodes.BadArguments;
        }

        await WriteTableAsync(output, ["customers", "events/s", "at peak", "cores", "memory GiB", "SQLite GB", "PostgreSQL GB"], SizesUpTo(load.Customers).Select(customers => Row(load with { Customers = customers })));
        await output.WriteLineAsync();
        await WriteTableAsync(
            output,
            ["silos", "partitions", "busiest", "events/s", "cores", "memory GiB", "ids, million", "MB/s between", "one lost", "back in s"],
            Silos.Where(silos => silos <= partitions).Select(silos => Row(load, partitions, silos, seed)));
        await output.WriteLineAsync();
        foreach (var line in Ends(load))
            await output.WriteLineAsync(line);
        return CommandLine.ExitCodes.Done;
    }

    private static IEnumerable<double> SizesUpTo(double customers)
    {
        for (var size = SmallestSize; size < customers; size *= 10)
            yield return size;
        yield return customers;
    }

    private static string[] Row(ShopLoad load) =>
    [
        Text(load.Customers, "#,0"), Rounded(load.AverageRate), Rounded(load.PeakRate), Rounded(Costs.Cores(load.PeakRate, Costs.SqliteEvent)),
        Text(Costs.MemoryGib(load, 1), "0.0"), Rounded(Costs.SqliteGb(load)), Rounded(Costs.PostgresGb(load)),
    ];

    private static string[] Row(ShopLoad load, int partitions, int silos, ulong seed)
    {
        var placement = Placement.Simulate(load, partitions, silos, seed);
        var busiest = Costs.BusiestSecond(load.PeakRate * placement.BusiestShare);
        var ids = load.Entries * placement.BusiestShare;
        var between = load.PeakRate * Costs.WireBytes * (silos - 1) / silos;

        // The others share what the lost one had, and read its ids side by side.
        var back = load.Entries / partitions / 1e6 * Costs.MillionIdsSeconds * placement.PartitionsLost / Math.Max(1, silos - 1);
        return
        [
            Text(silos, "0"), Text((double)partitions / silos, "0"), Text(placement.BusiestPartitions, "0"), Rounded(busiest), Rounded(Costs.Cores(busiest, Costs.PostgresEvent)),
            Text(Costs.MemoryGib(load, placement.BusiestShare), "0.0"), Rounded(ids / 1e6), Rounded(between / 1e6),
            Rounded(load.PeakRate * placement.ShareAfterLoss), Rounded(back),
        ];
    }

    private static IEnumerable<string> Ends(ShopLoad load)
    {
        yield return $"PostgreSQL      {Rounded(load.PeakRate)} events/s of some {Text(Costs.DatabaseRateMax, "#,0")}, {Rounded(Costs.Cores(load.PeakRate, Costs.DatabaseEvent))} cores";
        yield return $"one desk        {Rounded(load.PeakAlertChanges)} changes/s of some {Text(Costs.DeskRateMax, "#,0")}";
        yield return $"message ids     {Rounded(load.Entries / 1e6)} million, {Rounded(Costs.IdsMax / 1e6)} million are remembered"
            + (load.Entries > Costs.IdsMax ? ": beyond them every event is looked up" : "");
    }

    private static async Task WriteTableAsync(TextWriter output, string[] head, IEnumerable<string[]> rows)
    {
        string[][] lines = [head, .. rows];
        var widths = head.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
            await output.WriteLineAsync(string.Join("  ", line.Select((cell, column) => cell.PadLeft(widths[column]))));
    }

    /// <summary>Two digits that mean something: more would promise what no model knows.</summary>
    private static string Rounded(double value)
    {
        if (value < 0.1)
            return value <= 0 ? "0" : "<0.1";
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        var rounded = Math.Round(value / unit) * unit;
        return rounded >= 10 ? Text(rounded, "#,0") : Text(rounded, "0.##");
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
