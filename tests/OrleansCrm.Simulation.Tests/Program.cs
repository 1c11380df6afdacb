using System.Diagnostics;
using System.Globalization;
using OrleansCrm.Simulation.Tests;
using OrleansCrm.Simulation.Tests.Store;

// The process in which seeds run: <first seed> <seeds> <seconds> [fault]. Its thread pool must have one thread, see SeedProcess.
// Ends with 0 when every seed was fine, with 3 at the first that was not, after saying what was wrong and the end of its trace.
ThreadPool.GetMaxThreads(out var threads, out _);
if (threads != 1)
{
    Console.WriteLine($"The thread pool has {threads} threads.");
    return 2;
}

var (first, seeds) = (int.Parse(args[0], CultureInfo.InvariantCulture), int.Parse(args[1], CultureInfo.InvariantCulture));
var until = Stopwatch.GetTimestamp() + long.Parse(args[2], CultureInfo.InvariantCulture) * Stopwatch.Frequency;
var fault = args.Length > 3 ? Enum.Parse<BuiltInFault>(args[3]) : BuiltInFault.None;
var traceLines = int.Parse(Environment.GetEnvironmentVariable("ORLEANSCRM_SIMULATION_TRACE") ?? "150", CultureInfo.InvariantCulture);
var (run, events) = (0, 0L);
for (var seed = first; run < seeds && Stopwatch.GetTimestamp() < until; seed++, run++)
{
    Console.Write($"seed {seed} ");
    var world = Simulation.RunAsync(seed, fault, traces: false).GetAwaiter().GetResult();
    events += world.Events;
    Console.WriteLine($"digest {world.Digest:x16}");
    if (world.Violations.Count == 0)
        continue;

    // A seed that is red by itself says nothing about the fault.
    if (fault != BuiltInFault.None && Simulation.RunAsync(seed, BuiltInFault.None, traces: false).GetAwaiter().GetResult().Violations.Count > 0)
        continue;
    var again = Simulation.RunAsync(seed, fault, traces: true).GetAwaiter().GetResult();
    Console.WriteLine($"seed {seed} FAILED after {run} fine ones:");
    foreach (var violation in world.Violations.Take(20))
        Console.WriteLine("  " + violation);
    if (again.Digest != world.Digest)
        Console.WriteLine("  the second run of the seed went otherwise");
    foreach (var line in again.Trace.TakeLast(traceLines))
        Console.WriteLine(line);
    return 3;
}

Console.WriteLine($"{run} seeds from {first}, {events} events, nothing found");
return 0;
