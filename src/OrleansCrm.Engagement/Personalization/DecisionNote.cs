using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What the journal keeps of a decision: the question, where the state stood, what was taken from the tables, and the answer.</summary>
/// <param name="StateOffset">The newest entry that was folded when it was decided; -1 for none.</param>
/// <param name="Exhausted">Offers of whose budget nothing was to be had.</param>
/// <param name="Answer">UTF-8 JSON as the shop got it.</param>
public sealed record DecisionNote(DecisionQuestion Question, long AsOfMs, long StateOffset, bool IsDegraded, DecisionTables Tables, ulong[] Exhausted, byte[] Answer)
{
    /// <summary>The note with the answer as its last member: both are made in one go and kept once.</summary>
    internal static byte[] Write(DecisionDraft draft) => Rendering.Object(draft, static (json, told) =>
    {
        WriteShown(json, told.Choice);
        WriteHeld(json, told.Choice, told.Question);
        json.WriteNumber("asOfMs", told.AsOfMs);
        json.WriteNumber("state", told.State.Offset);
        json.WriteNumber("tables", told.Tables.Version);
        if (told.IsDegraded)
            json.WriteBoolean("degraded", true);
        if (told.Exhausted.Length > 0)
            WriteExhausted(json, told.Exhausted);
        WriteQuestion(json, told.Question);
        WriteOdds(json, told.Choice);
        WriteProducts(json, told.Recommended);
        json.WritePropertyName("answer");
        told.AnswerAt = LengthOf(json);
        json.WriteStartObject();
        Decider.WriteMembers(json, told);
        json.WriteEndObject();
        told.AnswerLength = LengthOf(json) - told.AnswerAt;
    });

    private static int LengthOf(Utf8JsonWriter json) => (int)json.BytesCommitted + json.BytesPending;

    /// <summary>The name of what the fold reads; it stands first, so that nothing else is read where it is missing.</summary>
    internal static ReadOnlySpan<byte> Shown => "shown"u8;

    /// <summary>The name of what follows where something is held.</summary>
    internal static ReadOnlySpan<byte> Held => "held"u8;

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
                question.GetProperty("limit").GetInt32(),
                ReadCoupons(question),
                question.TryGetProperty("only", out var only) ? [.. only.EnumerateArray().Select(id => id.GetString()!)] : null,
                question.TryGetProperty("grant", out var grant) ? new OfferGrant(grant[0].GetInt64(), grant[1].GetUInt64()) : null),
            json.GetProperty("asOfMs").GetInt64(),
            json.GetProperty("state").GetInt64(),
            json.TryGetProperty("degraded", out _),
            DecisionTables.Noted(json.GetProperty("tables").GetInt64(), ReadOdds(json), ReadProducts(json)),
            json.TryGetProperty("exhausted", out var exhausted) ? [.. exhausted.EnumerateArray().Select(e => e.GetUInt64())] : [],
            System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(json.GetProperty("answer")).ToArray());
    }

    /// <summary>The answer worked out again.</summary>
    /// <param name="state">The customer as he was at <see cref="StateOffset"/>.</param>
    public byte[] Recompute(CustomerState state, ProgramDocument program, DecisionId id) =>
        Decider.Decide(state, program, Question, Tables, id, AsOfMs, IsDegraded, Exhausted).Answer;

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

    /// <summary>Of each hold: offer, name, amount, until when, and the code of a coupon.</summary>
    private static void WriteHeld(Utf8JsonWriter json, OfferChoice choice, DecisionQuestion question)
    {
        if (choice.Shown.Count == 0 || (choice.Takes.Count == 0 && choice.Coupons.Count == 0 && question.Coupons.Length == 0))
            return;
        json.WriteStartArray(Held);
        foreach (var place in choice.Shown)
        {
            var offer = choice.Verdicts[place].Offer;
            foreach (var take in choice.Takes)
            {
                if (take.Offer == offer.Key)
                    WriteHold(json, offer.Id, take.Hold, take.Amount, take.UntilMs, "");
            }

            foreach (var coupon in question.Coupons)
                WriteHold(json, offer.Id, coupon);
            foreach (var coupon in choice.Coupons)
                WriteHold(json, offer.Id, coupon);
        }

        json.WriteEndArray();
    }

    private static void WriteHold(Utf8JsonWriter json, string offer, CouponHold coupon)
    {
        if (coupon.IsHeld && coupon.Offer == offer)
            WriteHold(json, offer, coupon.Holder, 0, coupon.UntilMs, coupon.Code);
    }

    private static void WriteHold(Utf8JsonWriter json, string offer, ulong id, long amount, long untilMs, string code)
    {
        json.WriteStringValue(offer);
        json.WriteNumberValue(id);
        json.WriteNumberValue(amount);
        json.WriteNumberValue(untilMs);
        json.WriteStringValue(code);
    }

    private static void WriteExhausted(Utf8JsonWriter json, ulong[] exhausted)
    {
        json.WriteStartArray("exhausted");
        foreach (var offer in exhausted)
            json.WriteNumberValue(offer);
        json.WriteEndArray();
    }

    private static CouponHold[] ReadCoupons(JsonElement question) =>
        !question.TryGetProperty("coupons", out var coupons) ? []
            : [.. coupons.EnumerateArray().Select(c => new CouponHold(
                c[0].GetString()!, c[1].GetString()!, c[2].GetString()!, c[3].GetUInt64(), c[4].GetInt64()))];

    private static void WriteCoupons(Utf8JsonWriter json, CouponHold[] coupons)
    {
        if (coupons.Length == 0)
            return;
        json.WriteStartArray("coupons");
        foreach (var coupon in coupons)
        {
            json.WriteStartArray();
            json.WriteStringValue(coupon.Code);
            json.WriteStringValue(coupon.Status);
            json.WriteStringValue(coupon.Offer);
            json.WriteNumberValue(coupon.Holder);
            json.WriteNumberValue(coupon.UntilMs);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteOdds(Utf8JsonWriter json, OfferChoice choice)
    {
        if (!Array.Exists(choice.Verdicts, static v => v.IsEligible))
            return;
        json.WriteStartObject("odds");
        foreach (var verdict in choice.Verdicts)
        {
            if (!verdict.IsEligible)
                continue;
            json.WriteStartArray(verdict.Offer.Id);
            Rendering.WriteRounded(json, verdict.Odds.Propensity);
            Rendering.WriteRounded(json, verdict.Odds.Shown);
            Rendering.WriteRounded(json, verdict.Odds.Converted);
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
            Rendering.WriteRounded(json, score);
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
        if (question.Only is { } only)
        {
            json.WriteStartArray("only");
            foreach (var id in only)
                json.WriteStringValue(id);
            json.WriteEndArray();
        }

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
        WriteCoupons(json, question.Coupons);
        if (question.Grant is { } grant)
        {
            json.WriteStartArray("grant");
            json.WriteNumberValue(grant.UntilMs);
            json.WriteNumberValue(grant.CouponSeed);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static CartLine ReadLine(JsonElement line) =>
        new(line[0].GetString()!, line[1].GetString()!, line[2].GetInt64(), line[3].GetInt64());
}
