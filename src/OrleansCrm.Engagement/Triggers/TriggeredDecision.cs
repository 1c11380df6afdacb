using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>
/// The decision that a policy asks for: the first of the offers that a decision for its placement would show. Its entry is that of any
/// decision, with the policy, its cause and the end of the offer at the end of it.
/// </summary>
public static class TriggeredDecision
{
    private const string Trigger = "trigger";
    private const long HourMs = 3_600_000;

    /// <param name="ask">As the fold sent it.</param>
    /// <param name="exhausted">Offers, by the hash of their id, of whose budget nothing is to be had.</param>
    /// <param name="couponSeed">What a coupon's code is made of; the same whenever the same is asked.</param>
    public static TriggeredAnswer Decide(
        CustomerState state, ProgramDocument program, byte[] ask, DecisionTables tables, DecisionId id, long nowMs, ulong[] exhausted, ulong couponSeed)
    {
        var asked = TriggerAsk.Read(ask);
        var asOfMs = Math.Max(nowMs, state.NewestMs);
        if (!TriggerReader.Stands(state, program, asked.Policy, asked.CauseMs) || IsAnswered(state, asked))
            return TriggeredAnswer.Nothing;
        var policy = program.Triggers.Find(asked.Policy)!;
        if (TriggerReader.SpeaksAt(state, program, policy, TriggerReader.CauseOf(state, policy).SinceMs, asOfMs) != asOfMs)
            return TriggeredAnswer.Nothing;
        var grant = new OfferGrant(UtcDay.FloorSecond(asOfMs) + (policy.ValidHours * HourMs), couponSeed);
        var question = new DecisionQuestion(policy.Placement, "", -1, [], 1, [], OffersOf(program, policy), grant);
        var decided = Decider.Decide(state, program, question, tables, id, nowMs, isDegraded: false, [.. exhausted, .. asked.Without]);
        var note = decided.Note;
        using var answer = JsonDocument.Parse(decided.Answer);
        var offers = answer.RootElement.GetProperty("offers");
        if (offers.GetArrayLength() == 0)
            return TriggeredAnswer.Nothing;
        var offer = program.Offers.First(o => o.Id == offers[0].GetProperty("offerId").GetString());
        var untilMs = grant.UntilMs;
        if (offer.UntilMs != 0)
            untilMs = Math.Min(untilMs, offer.UntilMs);
        if (offers[0].TryGetProperty("heldUntil", out var held))
            untilMs = Math.Min(untilMs, UtcDay.FloorSecond(held.GetDateTimeOffset().ToUnixTimeMilliseconds()));
        var end = Rendering.Object(json =>
        {
            json.WriteStartObject(Trigger);
            json.WriteString("id", policy.Id);
            json.WriteNumber("cause", asked.CauseMs);
            json.WriteNumber("until", untilMs);
            json.WriteEndObject();
        });
        var isNew = state.Offers?.MadeFor(offer.Key, asOfMs) is null;
        var coupon = isNew && CodeIn(answer.RootElement) is { Length: > 0 } code ? new CouponHold(code, CouponHold.Held, offer.Id, 0, untilMs) : null;
        return new TriggeredAnswer([.. note.AsSpan(0, note.Length - 1), (byte)',', .. end.AsSpan(1)], [.. decided.Takes], coupon);
    }

    /// <summary>What a triggered decision offers.</summary>
    internal static NextBestOffer Read(Entry entry)
    {
        using var parsed = JsonDocument.Parse(entry.Payload);
        var (trigger, answer) = (parsed.RootElement.GetProperty(Trigger), parsed.RootElement.GetProperty("answer"));
        var offer = answer.GetProperty("offers")[0];
        return new NextBestOffer(
            trigger.GetProperty("id").GetString()!,
            trigger.GetProperty("cause").GetInt64(),
            answer.GetProperty("decisionId").GetString()!,
            offer.GetProperty("offerId").GetString()!,
            offer.GetProperty("kind").GetString()!,
            offer.GetProperty("title").GetString()!,
            (long)(offer.GetProperty("value").GetDecimal() * 1_000_000m),
            entry.TimeMs,
            trigger.GetProperty("until").GetInt64(),
            CodeIn(answer));
    }

    /// <summary>After a crash it is asked once more: nothing is held anew for what was offered by then.</summary>
    private static bool IsAnswered(CustomerState state, TriggerAsk asked) =>
        state.Triggers is { } record
        && ((record.Best is { } best && best.Policy == asked.Policy && best.CauseMs >= asked.CauseMs)
            || (record.Find(asked.Policy)?.Waits is { } waits && waits.Try > asked.Try));

    private static string[]? OffersOf(ProgramDocument program, TriggerPolicy policy) => policy.Offers.Count == 0 ? null : [.. policy.Offers];

    private static string CodeIn(JsonElement answer) =>
        answer.TryGetProperty("coupons", out var coupons) ? coupons[0].GetProperty("code").GetString()! : "";
}

/// <param name="Note">What is journaled; empty where there is nothing to offer (any more).</param>
/// <param name="Takes">What must be held of budgets before.</param>
/// <param name="Coupon">What must be made before; null for none.</param>
public readonly record struct TriggeredAnswer(byte[] Note, BudgetTake[] Takes, CouponHold? Coupon)
{
    public static readonly TriggeredAnswer Nothing = new([], [], null);
}
