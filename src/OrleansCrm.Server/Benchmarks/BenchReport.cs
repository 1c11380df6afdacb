using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrleansCrm.Server.Benchmarks;

/// <summary>Everything that one run has found, and what it was found on.</summary>
internal sealed record BenchReport(
    BenchOptions Options, DateTimeOffset At, string[] Databases, IReadOnlyList<RungResult> Results, IReadOnlyList<CurvePoint> Curve)
{
    public IReadOnlyList<Ratio> Ratios { get; } = [.. Ratio.Of(Results)];

    public bool IsNoisy => Results.Any(r => r.IsNoisy);

    public static int Cores => Environment.ProcessorCount;

    public static long MemoryBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public void WriteJson(Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        WriteEnvironment(json);
        json.WriteBoolean("noisy", IsNoisy);
        json.WriteStartArray("rungs");
        foreach (var result in Results)
            Write(json, result);
        json.WriteEndArray();
        json.WriteStartArray("ratios");
        foreach (var ratio in Ratios)
            Write(json, ratio);
        json.WriteEndArray();
        json.WriteStartArray("latencyAgainstLoad");
        foreach (var point in Curve)
            Write(json, point);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteEnvironment(Utf8JsonWriter json)
    {
        json.WriteString("at", At.UtcDateTime);
        json.WriteStartObject("environment");
        json.WriteNumber("cores", Cores);
        json.WriteNumber("memoryBytes", MemoryBytes);
        json.WriteString("system", RuntimeInformation.OSDescription);
        json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        json.WriteStartArray("databases");
        foreach (var database in Databases)
            json.WriteStringValue(database);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("options");
        json.WriteNumber("secondsPerRung", Options.Seconds);
        json.WriteNumber("customers", Options.Customers);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RungResult result)
    {
        json.WriteStartObject();
        json.WriteString("rung", result.Rung);
        json.WriteString("variant", result.Variant);
        json.WriteString("database", result.Database);
        json.WriteString("unit", result.Unit);
        json.WriteNumber("count", result.Count);
        json.WriteNumber("seconds", Rounded(result.Seconds));
        json.WriteNumber("rate", Rounded(result.Rate));
        json.WriteNumber("firstHalf", Rounded(result.FirstHalf));
        json.WriteNumber("secondHalf", Rounded(result.SecondHalf));
        json.WriteBoolean("noisy", result.IsNoisy);
        json.WriteBoolean("steady", result.IsSteady);
        json.WriteNumber("connections", result.Connections);
        json.WriteNumber("refused", result.Refused);
        json.WriteNumber("p50Ms", Rounded(result.P50Ms));
        json.WriteNumber("p99Ms", Rounded(result.P99Ms));
        json.WriteNumber("cpuSecondsPerMillion", Rounded(result.CpuSecondsPerMillion));
        json.WriteNumber("machineCpuSecondsPerMillion", Rounded(result.MachineCpuSecondsPerMillion));
        json.WriteNumber("allocatedBytesEach", Rounded(result.AllocatedBytesEach));
        if (result.Memory.Count > 0)
            Write(json, result.Memory);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<MemoryMark> memory)
    {
        json.WriteStartArray("memory");
        foreach (var mark in memory)
        {
            json.WriteStartObject();
            json.WriteNumber("count", mark.Count);
            json.WriteNumber("residentBytes", mark.ResidentBytes);
            json.WriteNumber("heapBytes", mark.HeapBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Ratio ratio)
    {
        json.WriteStartObject();
        json.WriteString("database", ratio.Database);
        json.WriteString("name", ratio.Name);
        json.WriteNumber("value", Rounded(ratio.Value));
        json.WriteString("targetIs", ratio.IsFloor ? "at least" : "at most");
        json.WriteNumber("target", ratio.Target);
        json.WriteBoolean("met", ratio.IsMet);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CurvePoint point)
    {
        json.WriteStartObject();
        json.WriteString("database", point.Database);
        json.WriteNumber("offeredPerSecond", Rounded(point.OfferedPerSecond));
        json.WriteNumber("takenPerSecond", Rounded(point.TakenPerSecond));
        json.WriteNumber("p50Ms", Rounded(point.P50Ms));
        json.WriteNumber("p99Ms", Rounded(point.P99Ms));
        json.WriteEndObject();
    }

    private static double Rounded(double value) => Math.Round(value, 4);
}
