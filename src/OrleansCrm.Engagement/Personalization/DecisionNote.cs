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
        CustomerState state, DecisionQuestion question, DecisionTables tables, OfferChoice choice, List<Recommendation> recommended,
        long asOfMs, bool isDegraded, byte[] answer) => Rendering.Object(json =>
    {
        WriteShown(json, choice);
        json.WriteNumber("asOfMs", asOfMs);
        json.WriteNumber("state", state.Offset);
        json.WriteNumber("tables", tables.Version);
        if (isDegraded)
            json.WriteBoolean("degraded", true);
        WriteQuestion(json, question);
        WriteOdds(json, choice);
        WriteProducts(json, recommended);
        json.WritePropertyName("answer");
        json.WriteRawValue(answer, skipInputValidation: true);
    });

    /// <summary>The name of what the fold reads; it stands first, so that nothing else is read where it is missing.</summary>
    internal static ReadOnlySpan<byte> Shown => "shown"u8;

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
            DecisionTables.Noted(json.GetProperty("tables").GetInt64(), ReadOdds(json), ReadProducts(json)),
            System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(json.GetProperty("answer")).ToArray());
    }

    /// <summary>The answer worked out again.</summary>
    /// <param name="state">The customer as he was at <see cref="StateOffset"/>.</param>
    public byte[] Recompute(CustomerState state, ProgramDocument program, DecisionId id) =>
        Decider.Decide(state, program, Question, Tables, id, AsOfMs, IsDegraded).Answer;

    private static void WriteShown(Utf8JsonWriter json, OfferChoice choice)
    {
        if (choice.Shown.Count == 0)
            return;
        json.WriteStartArray(Shown);
        foreach (var place in choice.Shown)
        {
            json.WriteStringValue(choice.Verdicts[place].Offer.Id);
            json.WriteNumberValue(choice.Bucket);
        }

        json.WriteEndArray();
    }

    private static void WriteOdds(Utf8JsonWriter json, OfferChoice choice)
    {
        if (!Array.Exists(choice.Verdicts, v => v.IsEligible))
            return;
        json.WriteStartObject("odds");
        foreach (var verdict in choice.Verdicts)
        {
            if (!verdict.IsEligible)
                continue;
            json.WriteStartArray(verdict.Offer.Id);
            json.WriteNumberValue(verdict.Odds.Propensity);
            json.WriteNumberValue(verdict.Odds.Shown);
            json.WriteNumberValue(verdict.Odds.Converted);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static Dictionary<string, OfferOdds> ReadOdds(JsonElement json)
    {
        var odds = new Dictionary<string, OfferOdds>(StringComparer.Ordinal);
        if (!json.TryGetProperty("odds", out var noted))
            return odds;
        foreach (var offer in noted.EnumerateObject())
            odds.Add(offer.Name, new OfferOdds(offer.Value[0].GetDouble(), offer.Value[1].GetDouble(), offer.Value[2].GetDouble()));
        return odds;
    }

    private static void WriteProducts(Utf8JsonWriter json, List<Recommendation> recommended)
    {
        if (recommended.Count == 0)
            return;
        json.WriteStartArray("products");
        foreach (var (sku, score, reason) in recommended)
        {
            json.WriteStringValue(sku);
            json.WriteNumberValue(score);
            json.WriteStringValue(reason);
        }

        json.WriteEndArray();
    }

    private static List<Recommendation> ReadProducts(JsonElement json)
    {
        var recommended = new List<Recommendation>();
        if (!json.TryGetProperty("products", out var products))
            return recommended;
        for (var row = new SnapshotReader.Row(products); !row.IsAtEnd;)
            recommended.Add(new Recommendation(row.Text(), row.Next().GetDouble(), row.Text()));
        return recommended;
    }

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
