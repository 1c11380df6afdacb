using System.Globalization;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>What has been used up to now, by this process (engine and, with SQLite, database) and by the whole machine.</summary>
/// <param name="Machine">Processor time of everything on the machine, load generator and database included; zero where it cannot be told.</param>
internal readonly record struct ResourceUse(TimeSpan Process, TimeSpan Machine, long AllocatedBytes)
{
    // Of /proc/stat, whatever the kernel is built with.
    private const double TicksPerSecond = 100;

    public static ResourceUse Now() => new(Environment.CpuUsage.TotalTime, OfMachine(), GC.GetTotalAllocatedBytes());

    public static ResourceUse operator -(ResourceUse x, ResourceUse y) =>
        new(x.Process - y.Process, x.Machine - y.Machine, x.AllocatedBytes - y.AllocatedBytes);

    public static ResourceUse operator +(ResourceUse x, ResourceUse y) =>
        new(x.Process + y.Process, x.Machine + y.Machine, x.AllocatedBytes + y.AllocatedBytes);

    private static TimeSpan OfMachine()
    {
        const string Statistics = "/proc/stat";
        if (!File.Exists(Statistics))
            return TimeSpan.Zero;
        using var reader = new StreamReader(Statistics);

        // cpu user nice system idle iowait irq softirq steal: without idle, waiting, and what other machines took.
        var ticks = reader.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..8]
            .Select(t => long.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        return TimeSpan.FromSeconds((ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TicksPerSecond);
    }
}
