using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Evaluation;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Programs;
using Spectre.Console;

namespace OrleansCrm.Server.Evaluation;

/// <summary>Reads the decisions of a database, and says what policies would have brought.</summary>
internal static class OfferEvaluation
{
    private const int Page = 10_000;

    public static async Task<LoggedDecision[]> ReadAsync(ServerOptions server, string tenant, CancellationToken cancellation)
    {
        await using var database = await ReadOnlyDatabase.OpenAsync(server.Data, server.Database, cancellation);
        var program = await ProgramLedger.CurrentOfAsync(database.Journal, tenant, cancellation);
        var log = new OfferLog(tenant);
        for (var partition = 0; partition < database.Journal.Identity.Partitions; partition++)
        {
            for (var from = 0L; await database.Journal.ReadAsync(partition, from, Page, cancellation) is { Length: > 0 } entries; from = entries[^1].Offset + 1)
            {
                foreach (var entry in entries)
                    log.Add(entry);
            }
        }

        return log.Build(program.Document.Learning.AttributionDays);
    }

    public static void Print((string Policy, PolicyValue Value)[] values, IAnsiConsole console)
    {
        var logged = values[0].Value;
        console.MarkupLineInterpolated($"{logged.Decisions:#,0} decisions, {Say(logged.Logged)} orders each");
        var table = new Table().AddColumns("policy", "inverse propensity", "doubly robust", "gain over what was done", "worth decisions", "largest weight");
        foreach (var (policy, value) in values)
        {
            table.AddRow(
                new Text(policy), new Text(Say(value.Inverse)), new Text(Say(value.Robust)), new Text(Say(value.Gain)),
                new Text(value.EffectiveDecisions.ToString("#,0", CultureInfo.InvariantCulture)), new Text(value.WeightMax.ToString("0.0", CultureInfo.InvariantCulture)));
        }

        console.Write(table);
    }

    public static void Write((string Policy, PolicyValue Value)[] values, Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("decisions", values[0].Value.Decisions);
        Write(json, "logged", values[0].Value.Logged);
        json.WriteStartArray("policies");
        foreach (var (policy, value) in values)
        {
            json.WriteStartObject();
            json.WriteString("policy", policy);
            Write(json, "inversePropensity", value.Inverse);
            Write(json, "doublyRobust", value.Robust);
            Write(json, "gain", value.Gain);
            json.WriteNumber("effectiveDecisions", value.EffectiveDecisions);
            json.WriteNumber("largestWeight", value.WeightMax);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Interval interval)
    {
        json.WriteStartObject(name);
        foreach (var (part, value) in new[] { ("value", interval.Value), ("low", interval.Low), ("high", interval.High) })
        {
            if (double.IsFinite(value))
                json.WriteNumber(part, value);
            else
                json.WriteNull(part);
        }

        json.WriteEndObject();
    }

    private static string Say(Interval interval) => double.IsFinite(interval.Low)
        ? string.Create(CultureInfo.InvariantCulture, $"{interval.Value:0.0000} ({interval.Low:0.0000} to {interval.High:0.0000})")
        : interval.Value.ToString("0.0000", CultureInfo.InvariantCulture);
}
