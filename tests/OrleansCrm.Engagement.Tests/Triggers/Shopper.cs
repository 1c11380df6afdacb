using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Personalization;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Engagement.Tests.Triggers;

/// <summary>A customer and what the partition does for him: it wakes him, and answers what his policies ask.</summary>
internal sealed class Shopper(ProgramDocument program)
{
    private readonly Queue<(double Day, byte[] Ask)> _asks = new();
    private double _day;
    private ulong _nonce;

    public Story Story { get; } = new(program: program);

    /// <summary>How often a policy has asked.</summary>
    public int Asked { get; private set; }

    /// <summary>How often something came of it.</summary>
    public int Made { get; private set; }

    /// <summary>How often a page that is open would have been told of an offer.</summary>
    public int Pushes { get; private set; }

    /// <summary>The partition's part of the offer's budget; null where all is there.</summary>
    public Story? Slice { get; init; }

    /// <summary>The newest code that was made.</summary>
    public CouponHold? Coupon { get; private set; }

    public JsonElement Best => Story.Profile.GetProperty("nextBestOffer");

    public (string? Policy, string? Offer, string? Kind, decimal Value) Offered() => (
        Best.GetProperty("trigger").GetString(), Best.GetProperty("offerId").GetString(), Best.GetProperty("kind").GetString(), Best.GetProperty("value").GetDecimal());

    public Shopper Fill(double day) => Track(day, "Product Added");

    public Shopper Order(double day, decimal revenue = 60) =>
        Track(day, "Order Completed", FormattableString.Invariant($$"""{"order_id":"o{{day}}","revenue":{{revenue}}}"""));

    public Shopper Consent(double day, bool isGranted) =>
        Track(day, "Consent Changed", $$"""{"purpose":"marketing","channel":"shop","granted":{{(isGranted ? "true" : "false")}}}""");

    public Shopper Track(double day, string name, string properties = "{}")
    {
        Story.Track(day, name, properties);
        return Answer(day);
    }

    /// <summary>Meets every instant that is due until then.</summary>
    public Shopper Wake(double untilDay)
    {
        for (var i = 0; i < 50 && Story.State.NextWakeMs != 0 && Story.State.NextWakeMs <= Story.Ms(untilDay); i++)
        {
            var dueMs = Story.State.NextWakeMs;
            Story.Wake(dueMs);
            Answer((dueMs - Story.StartMs) / 86_400_000.0);
        }

        return this;
    }

    /// <summary>Decides what has been asked last, and journals nothing.</summary>
    public (DecisionId Id, byte[] Note) DecideOnce()
    {
        var ask = Story.Output.Outgoing.Single(o => o.Entry?.Type == EntryTypes.DecisionTriggered).Entry!;
        var id = new DecisionId(7, 1, 42);
        return (id, Decide(ask.Payload, id).Note);
    }

    private TriggeredAnswer Decide(byte[] ask, DecisionId id) =>
        TriggeredDecision.Decide(Story.State, Story.Program, ask, DecisionTables.Empty, id, Story.Entries[^1].RecordedMs, [], couponSeed: 99);

    private Shopper Answer(double day)
    {
        _day = Math.Max(_day, day);
        Count(day);
        while (_asks.TryDequeue(out var asked))
        {
            var (note, takes, coupon) = Decide(asked.Ask, new DecisionId(7, 1, ++_nonce));
            if (note.Length == 0)
                continue;
            if (takes.Length > 0 && Slice is not null && !Holds(asked.Ask, takes[0]))
                continue;
            Coupon = coupon ?? Coupon;
            Made++;
            Story.Own(EntryTypes.DecisionTriggered, _day, Encoding.UTF8.GetString(note));
            if (Story.Output.OfferChanged && Story.State.Triggers!.Best is not null)
                Pushes++;
            Count(day);
        }

        return this;
    }

    /// <summary>As the partition does it: what the slice does not have is waited for, or given up.</summary>
    private bool Holds(byte[] ask, BudgetTake take)
    {
        Slice!.Own(EntryTypes.BudgetTake, _day, Encoding.UTF8.GetString(ReserveMessages.Take(take.Hold, take.Amount, take.UntilMs)));
        if (Slice.Output.Command!.Code.Length == 0)
            return true;
        if (TriggerWait.After(ask, Story.Ms(_day)) is { } wait)
        {
            Story.Own(EntryTypes.TriggerWaits, _day, Encoding.UTF8.GetString(wait));
            Count(_day);
        }
        else
        {
            _asks.Enqueue((_day, TriggerWait.GiveUp(ask, take.Offer)));
        }

        return false;
    }

    private void Count(double day)
    {
        foreach (var sent in Story.Output.Outgoing)
        {
            if (sent.Entry is not { Type: EntryTypes.DecisionTriggered } asked)
                continue;
            Asked++;
            _asks.Enqueue((day, asked.Payload));
        }
    }
}
