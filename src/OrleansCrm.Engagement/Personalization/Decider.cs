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
        var draft = new DecisionDraft
        {
            State = state,
            Program = program,
            Question = question,
            Tables = tables,
            Choice = OfferChoice.Of(state, program, question, tables, id, asOfMs, exhausted ?? []),
            Recommended = tables.Recommend(state, question, asOfMs),
            Points = CheckoutPoints.Of(state, program, question, asOfMs),
            Id = id,
            AsOfMs = asOfMs,
            IsDegraded = isDegraded,
            Exhausted = exhausted ?? [],
        };
        if (id is not null)
            return new Decision(DecisionNote.Write(draft), draft.AnswerAt, draft.AnswerLength, draft.Choice.Takes);
        var answer = Rendering.Object(draft, WriteMembers);
        return new Decision(answer, 0, answer.Length, draft.Choice.Takes);
    }

    /// <summary>The members of the answer's object.</summary>
    internal static readonly Action<Utf8JsonWriter, DecisionDraft> WriteMembers = static (json, told) =>
    {
        WriteId(json, told.Id);
        Rendering.WriteTime(json, "asOf", told.AsOfMs);
        json.WriteString("placement", told.Question.Placement);
        told.Choice.WriteShown(json);
        told.Points.Write(json);
        Write(json, told.Recommended);
        WriteCoupons(json, told.Question.Coupons, told.Choice.Coupons);
        Explain(json, told.State, told.Program, told.Tables, told.Choice);
        json.WriteBoolean("degraded", told.IsDegraded);
    };

    private static void WriteId(Utf8JsonWriter json, DecisionId? id)
    {
        if (id is not { } named)
        {
            json.WriteNull("decisionId");
            return;
        }

        Span<char> text = stackalloc char[DecisionId.LengthMax];
        json.WriteString("decisionId", text[..named.Write(text)]);
    }

    private static void Write(Utf8JsonWriter json, List<Recommendation> recommended)
    {
        json.WriteStartArray("recommendations");
        foreach (var (sku, score, reason) in recommended)
        {
            json.WriteStartObject();
            json.WriteString("sku", sku);
            json.WritePropertyName("score");
            Rendering.WriteRounded(json, score);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCoupons(Utf8JsonWriter json, CouponHold[] entered, List<CouponHold> made)
    {
        if (entered.Length == 0 && made.Count == 0)
            return;
        json.WriteStartArray("coupons");
        foreach (var coupon in entered)
            Write(json, coupon);
        foreach (var coupon in made)
            Write(json, coupon);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, CouponHold coupon)
    {
        json.WriteStartObject();
        json.WriteString("code", coupon.Code);
        json.WriteString("status", coupon.Status);
        json.WriteString("offerId", coupon.IsHeld ? coupon.Offer : null);
        Rendering.WriteInstant(json, "heldUntil", coupon.UntilMs);
        json.WriteEndObject();
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

/// <summary>What an answer and its note are written from.</summary>
internal sealed class DecisionDraft
{
    public required CustomerState State { get; init; }

    public required ProgramDocument Program { get; init; }

    public required DecisionQuestion Question { get; init; }

    public required DecisionTables Tables { get; init; }

    public required OfferChoice Choice { get; init; }

    public required List<Recommendation> Recommended { get; init; }

    public required CheckoutPoints Points { get; init; }

    public required DecisionId? Id { get; init; }

    public required long AsOfMs { get; init; }

    public required bool IsDegraded { get; init; }

    public required ulong[] Exhausted { get; init; }

    /// <summary>Where in the note the answer stands, once it is written.</summary>
    public int AnswerAt { get; set; }

    public int AnswerLength { get; set; }
}

/// <param name="Made">UTF-8 JSON of the note, which has the answer in it; of the answer alone for one that is not journaled.</param>
/// <param name="AnswerAt">Where the answer begins; 0 for one that is not journaled.</param>
/// <param name="Takes">What must be held of budgets before anybody may see the answer.</param>
public readonly record struct Decision(byte[] Made, int AnswerAt, int AnswerLength, List<BudgetTake> Takes)
{
    /// <summary>UTF-8 JSON for the shop.</summary>
    public byte[] Answer => Made.AsSpan(AnswerAt, AnswerLength).ToArray();

    /// <summary>Payload of the decision's entry; empty for one that is not journaled.</summary>
    public byte[] Note => AnswerAt > 0 ? Made : [];

    public void Deconstruct(out byte[] answer, out byte[] note, out List<BudgetTake> takes) => (answer, note, takes) = (Answer, Note, Takes);
}
