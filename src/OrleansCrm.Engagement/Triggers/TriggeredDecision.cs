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
    /// <returns>What is journaled; empty where there is nothing to offer (any more).</returns>
    public static byte[] Decide(CustomerState state, ProgramDocument program, byte[] ask, DecisionTables tables, DecisionId id, long nowMs)
    {
        var asked = TriggerAsk.Read(ask);
        var asOfMs = Math.Max(nowMs, state.NewestMs);
        if (!TriggerReader.Stands(state, program, asked.Policy, asked.CauseMs))
            return [];
        var policy = program.Triggers.Find(asked.Policy)!;
        if (TriggerReader.SpeaksAt(state, program, policy, TriggerReader.CauseOf(state, policy).SinceMs, asOfMs) != asOfMs)
            return [];
        var question = new DecisionQuestion(policy.Placement, "", -1, [], 1, [], OffersOf(program, policy));
        var note = Decider.Decide(state, program, question, tables, id, nowMs, isDegraded: false).Note;
        var read = DecisionNote.Read(note);
        if (FirstOf(read.Answer) is not { } offered || program.Offers.FirstOrDefault(o => o.Id == offered) is not { } offer)
            return [];
        var untilMs = UtcDay.FloorSecond(asOfMs) + (policy.ValidHours * HourMs);
        if (offer.UntilMs != 0)
            untilMs = Math.Min(untilMs, offer.UntilMs);
        var end = Rendering.Object(json =>
        {
            json.WriteStartObject(Trigger);
            json.WriteString("id", policy.Id);
            json.WriteNumber("cause", asked.CauseMs);
            json.WriteNumber("until", untilMs);
            json.WriteEndObject();
        });
        return [.. note.AsSpan(0, note.Length - 1), (byte)',', .. end.AsSpan(1)];
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
            trigger.GetProperty("until").GetInt64());
    }

    /// <summary>Of what can run out something would have to be held for as long as the offer is good, used or not.</summary>
    private static string[] OffersOf(ProgramDocument program, TriggerPolicy policy) =>
    [
        .. program.Offers.Where(offer => !offer.Budget.IsLimited && (policy.Offers.Count == 0 || policy.Offers.Contains(offer.Id))).Select(offer => offer.Id),
    ];

    private static string? FirstOf(byte[] answer)
    {
        using var parsed = JsonDocument.Parse(answer);
        var offers = parsed.RootElement.GetProperty("offers");
        return offers.GetArrayLength() == 0 ? null : offers[0].GetProperty("offerId").GetString();
    }
}

/// <summary>What the fold asks a decision for.</summary>
internal readonly record struct TriggerAsk(string Policy, long CauseMs)
{
    public byte[] ToJson()
    {
        var asked = this;
        return Rendering.Object(json =>
        {
            json.WriteString("trigger", asked.Policy);
            json.WriteNumber("cause", asked.CauseMs);
        });
    }

    public static TriggerAsk Read(byte[] payload)
    {
        using var parsed = JsonDocument.Parse(payload);
        return new TriggerAsk(parsed.RootElement.GetProperty("trigger").GetString()!, parsed.RootElement.GetProperty("cause").GetInt64());
    }
}
