using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>
/// What to offer a customer now: a function of the state, the program, the question, the instant, and what the process has learned. All of
/// these stand in the note that is journaled, or are named there, so the same answer can be worked out again (<see cref="DecisionNote"/>).
/// </summary>
public static class Decider
{
    /// <param name="id">What the decision is called; null for one that is not journaled, which has nothing to name it.</param>
    /// <param name="nowMs">The request's time; earlier than the customer's newest entry means that one's.</param>
    /// <param name="exhausted">Offers, by the hash of their id, of whose budget nothing is to be had.</param>
    /// <param name="isDegraded">Whether something that the answer should have been made of could not be had in time.</param>
    public static Decision Decide(
        CustomerState state, ProgramDocument program, DecisionQuestion question, DecisionTables tables, DecisionId? id, long nowMs, bool isDegraded,
        ulong[]? exhausted = null)
    {
        var asOfMs = Math.Max(nowMs, state.NewestMs);
        var choice = OfferChoice.Of(state, program, question, tables, id, asOfMs, exhausted ?? []);
        var recommended = tables.Recommend(state, question, asOfMs);
        var answer = Render(state, program, question, tables, choice, recommended, id, asOfMs, isDegraded);
        return new Decision(
            answer, id is null ? [] : DecisionNote.Write(state, question, tables, choice, recommended, asOfMs, isDegraded, exhausted ?? [], answer), choice.Takes);
    }

    private static byte[] Render(
        CustomerState state, ProgramDocument program, DecisionQuestion question, DecisionTables tables, OfferChoice choice,
        List<Recommendation> recommended, DecisionId? id, long asOfMs, bool isDegraded)
    {
        var points = CheckoutPoints.Of(state, program, question, asOfMs);
        return Rendering.Object((state, program, question, tables, choice, recommended, points, id, asOfMs, isDegraded), static (json, told) =>
        {
            json.WriteString("decisionId", told.id?.ToString());
            Rendering.WriteTime(json, "asOf", told.asOfMs);
            json.WriteString("placement", told.question.Placement);
            told.choice.WriteShown(json);
            told.points.Write(json);
            Write(json, told.recommended);
            WriteCoupons(json, told.question.Coupons);
            Explain(json, told.state, told.program, told.tables, told.choice);
            json.WriteBoolean("degraded", told.isDegraded);
        });
    }

    private static void Write(Utf8JsonWriter json, List<Recommendation> recommended)
    {
        json.WriteStartArray("recommendations");
        foreach (var (sku, score, reason) in recommended)
        {
            json.WriteStartObject();
            json.WriteString("sku", sku);
            json.WriteNumber("score", Math.Floor(score * 1e6 + 0.5) / 1e6);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCoupons(Utf8JsonWriter json, CouponHold[] coupons)
    {
        if (coupons.Length == 0)
            return;
        json.WriteStartArray("coupons");
        foreach (var coupon in coupons)
        {
            json.WriteStartObject();
            json.WriteString("code", coupon.Code);
            json.WriteString("status", coupon.Status);
            json.WriteString("offerId", coupon.IsHeld ? coupon.Offer : null);
            Rendering.WriteInstant(json, "heldUntil", coupon.UntilMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Explain(Utf8JsonWriter json, CustomerState state, ProgramDocument program, DecisionTables tables, OfferChoice choice)
    {
        json.WriteStartObject("explanation");
        json.WriteNumber("stateVersion", state.Version);
        json.WriteNumber("programVersion", program.Version);
        json.WriteNumber("tablesVersion", tables.Version);
        choice.Explain(json);
        json.WriteEndObject();
    }
}

/// <param name="Answer">UTF-8 JSON for the shop.</param>
/// <param name="Note">Payload of the decision's entry; empty for one that is not journaled.</param>
/// <param name="Takes">What must be held of budgets before anybody may see the answer.</param>
public readonly record struct Decision(byte[] Answer, byte[] Note, IReadOnlyList<BudgetTake> Takes);
