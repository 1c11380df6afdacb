using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What the journal keeps of a decision: the question, where the state stood, what was taken from the tables, and the answer.</summary>
/// <param name="StateOffset">The newest entry that was folded when it was decided; -1 for none.</param>
/// <param name="Answer">UTF-8 JSON as the shop got it.</param>
public sealed record DecisionNote(DecisionQuestion Question, long AsOfMs, long StateOffset, bool IsDegraded, DecisionTables Tables, byte[] Answer)
{
    internal static byte[] Write(
        CustomerState state, DecisionQuestion question, DecisionTables tables, long asOfMs, bool isDegraded, byte[] answer) => Rendering.Object(json =>
    {
        json.WriteNumber("asOfMs", asOfMs);
        json.WriteNumber("state", state.Offset);
        json.WriteNumber("tables", tables.Version);
        if (isDegraded)
            json.WriteBoolean("degraded", true);
        WriteQuestion(json, question);
        json.WritePropertyName("answer");
        json.WriteRawValue(answer, skipInputValidation: true);
    });

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static DecisionNote Read(ReadOnlyMemory<byte> payload)
    {
        using var parsed = JsonDocument.Parse(payload);
        var json = parsed.RootElement;
        var question = json.GetProperty("question");
        return new DecisionNote(
            new DecisionQuestion(
                question.GetProperty("placement").GetString()!,
                question.GetProperty("currency").GetString()!,
                question.GetProperty("total").GetInt64(),
                [.. question.GetProperty("lines").EnumerateArray().Select(ReadLine)],
                question.GetProperty("limit").GetInt32()),
            json.GetProperty("asOfMs").GetInt64(),
            json.GetProperty("state").GetInt64(),
            json.TryGetProperty("degraded", out _),
            new DecisionTables(json.GetProperty("tables").GetInt64()),
            System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(json.GetProperty("answer")).ToArray());
    }

    /// <summary>The answer worked out again.</summary>
    /// <param name="state">The customer as he was at <see cref="StateOffset"/>.</param>
    public byte[] Recompute(CustomerState state, ProgramDocument program, DecisionId id) =>
        Decider.Render(state, program, Question, Tables, id, AsOfMs, IsDegraded);

    private static void WriteQuestion(Utf8JsonWriter json, DecisionQuestion question)
    {
        json.WriteStartObject("question");
        json.WriteString("placement", question.Placement);
        json.WriteString("currency", question.Currency);
        json.WriteNumber("total", question.TotalMicros);
        json.WriteNumber("limit", question.Limit);
        json.WriteStartArray("lines");
        foreach (var line in question.Lines)
        {
            json.WriteStartArray();
            json.WriteStringValue(line.Sku);
            json.WriteStringValue(line.Category);
            json.WriteNumberValue(line.QuantityMicros);
            json.WriteNumberValue(line.PriceMicros);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static CartLine ReadLine(JsonElement line) =>
        new(line[0].GetString()!, line[1].GetString()!, line[2].GetInt64(), line[3].GetInt64());
}
