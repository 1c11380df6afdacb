using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Reserves;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What a decision and an order add to what is known of a customer's offers.</summary>
internal static class OfferFold
{
    /// <summary>A page asks again with every look at it; that is one showing.</summary>
    private const long SameShowingMs = 30 * 60_000;

    /// <summary>Notes what was shown and held. Nothing is read beyond the payload's beginning where nothing was.</summary>
    public static void Expose(CustomerState state, ref FoldStep step)
    {
        var reader = new Utf8JsonReader(step.Entry.Payload);
        if (!reader.Read() || !reader.Read() || !reader.ValueTextEquals(DecisionNote.Shown))
            return;
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var known = Find(step.Program, in reader);
            var id = known is null ? reader.GetString()! : known.Id;
            reader.Read();
            var history = (state.Offers ??= new OfferRecord()).Open(known?.Key ?? EventReader.HashOf(id, ""));
            if (history.LastMs == 0 || step.Entry.TimeMs - history.LastMs >= SameShowingMs || history.Exposures[^1].IsConverted)
                history.Add(new Exposure(step.Entry.TimeMs, reader.GetByte(), Order: 0));
            step.Note(known?.ShownNote ?? Offer.NoteOfShowing(id));
        }

        if (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(DecisionNote.Held))
            Hold(state, ref reader, step.Entry);
    }

    /// <summary>
    /// An order counts for the newest showing of each offer before it, within the window, once. So whatever is told twice or in another order
    /// counts the same. What was held for it is used.
    /// </summary>
    /// <param name="coupon">The code that the order names, as it was sent; empty for none.</param>
    /// <param name="discountMicros">What it says was given off; null where it says nothing.</param>
    public static void Convert(CustomerState state, Order order, ReadOnlySpan<byte> coupon, long? discountMicros, ref FoldStep step)
    {
        var windowMs = step.Program.Learning.AttributionDays * UtcDay.Ms;
        foreach (var offer in state.Offers?.Offers ?? [])
        {
            var place = offer.Exposures.FindLastIndex(e => e.TimeMs <= order.PlacedMs);
            if (place < 0 || order.PlacedMs - offer.Exposures[place].TimeMs > windowMs || offer.Exposures[place].IsConverted)
                continue;
            offer.Exposures[place] = offer.Exposures[place] with { Order = order.Key };
            offer.Converted++;
        }

        // Orders name codes of other systems too: only what can be one of ours is told to it.
        var code = coupon.Length > 0 ? ReserveKeys.CodeOf(System.Text.Encoding.UTF8.GetString(coupon)) : "";
        var named = code.Length > 0 ? FindOffer(step.Program, code) : null;
        SpendHolds(state, order, named, discountMicros, ref step);
        if (named is not null)
            UseCoupon(state, order, named, code, ref step);
    }

    /// <summary>The order was cancelled: it followed no showing, and what it used is free again.</summary>
    public static void TakeBack(CustomerState state, ulong order, ref FoldStep step)
    {
        foreach (var offer in state.Offers?.Offers ?? [])
        {
            for (var i = 0; i < offer.Exposures.Count; i++)
            {
                if (offer.Exposures[i].Order != order)
                    continue;
                offer.Exposures[i] = offer.Exposures[i] with { Order = 0 };
                offer.Converted--;
            }
        }

        if (state.Offers?.Holds is not { } holds)
            return;
        foreach (var hold in holds)
        {
            if (hold.Order != order)
                continue;
            if (hold.Code.Length > 0)
                step.Send(ReserveKeys.Coupon(state.Tenant, hold.Code), EntryTypes.CouponUnuse, ReserveMessages.Unuse(order));
            else
                step.Send(ReserveKeys.Slice(state.Tenant, hold.Partition, hold.Offer), EntryTypes.BudgetUnspent, ReserveMessages.Spent(hold.Id, hold.Amount));
        }

        holds.RemoveAll(hold => hold.Order == order);
    }

    /// <summary>The offer that the reader's text names; null where the program has it no more.</summary>
    private static Offer? Find(ProgramDocument program, in Utf8JsonReader reader)
    {
        for (var i = 0; i < program.Offers.Count; i++)
        {
            if (reader.ValueTextEquals(program.Offers[i].Id))
                return program.Offers[i];
        }

        return null;
    }

    private static void Hold(CustomerState state, ref Utf8JsonReader reader, Entry entry)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var offer = EventReader.HashOf(reader.GetString()!, "");
            reader.Read();
            var id = reader.GetUInt64();
            reader.Read();
            var amount = reader.GetInt64();
            reader.Read();
            var untilMs = reader.GetInt64();
            reader.Read();
            state.Offers!.Add(new OfferHold(offer, id, entry.Partition, amount, entry.TimeMs, untilMs, reader.GetString()!));
        }
    }

    /// <summary>
    /// The order has what was shown, but no more of a budget than it costs: what else was held is free again. Of an offer with a coupon it has
    /// something only if it names a code; what is held for another code stays for the order that names that.
    /// </summary>
    /// <param name="named">The offer whose code the order names; null for none.</param>
    private static void SpendHolds(CustomerState state, Order order, Offer? named, long? discountMicros, ref FoldStep step)
    {
        if (state.Offers?.Holds is not { } holds)
            return;
        for (var i = 0; i < holds.Count; i++)
        {
            var hold = holds[i];
            if (hold.Code.Length > 0 || hold.Order != 0 || order.PlacedMs < hold.FromMs || order.PlacedMs > hold.UntilMs)
                continue;
            var offer = BudgetFold.OfferOf(step.Program, hold.Offer);
            var left = CostOf(offer, order, discountMicros, step.Program);
            for (var j = 0; j < i; j++)
                left -= holds[j].Offer == hold.Offer && holds[j].Order == order.Key ? holds[j].Amount : 0;
            if (offer is { Coupon: not null } && (offer.Key != named?.Key || left <= 0))
                continue;
            holds[i] = hold with { Order = order.Key, Amount = Math.Clamp(left, 0, hold.Amount) };
            step.Send(ReserveKeys.Slice(state.Tenant, hold.Partition, hold.Offer), EntryTypes.BudgetSpent, ReserveMessages.Spent(hold.Id, holds[i].Amount));
        }
    }

    /// <summary>What an order takes from an offer's budget at most, in its unit.</summary>
    /// <param name="discountMicros">What the order says was given off, whatever for; null where it says nothing.</param>
    private static long CostOf(Offer? offer, Order order, long? discountMicros, ProgramDocument program)
    {
        if (offer is null)
            return long.MaxValue;
        if (offer.Budget.Times > 0)
            return 1;
        var most = offer.CostsByCart ? long.MaxValue : offer.CostOf(0);
        return discountMicros is { } said && CheckoutPoints.InProgramCurrency(program, order.Currency, Math.Abs(said)) is { } given ? Math.Min(most, given) : most;
    }

    private static void UseCoupon(CustomerState state, Order order, Offer offer, string code, ref FoldStep step)
    {
        var record = state.Offers ??= new OfferRecord();
        if (record.Holds?.Exists(h => h.Code == code && h.Order == order.Key) == true)
            return;
        var hold = record.Holds?.FindLast(h => h.Code == code && h.Order == 0) ?? new OfferHold(offer.Key, order.Key, 0, 0, order.PlacedMs, order.PlacedMs, code);
        record.Holds?.RemoveAll(h => h.Code == code && h.Order == 0);
        record.Add(hold with { Order = order.Key });
        step.Send(ReserveKeys.Coupon(state.Tenant, code), EntryTypes.CouponUse, ReserveMessages.Use(order.Key, hold.Id));
        step.Note("coupon " + code);
    }

    private static Offer? FindOffer(ProgramDocument program, string code)
    {
        foreach (var offer in program.Offers)
        {
            if (offer.Coupon?.MayHave(code) == true)
                return offer;
        }

        return null;
    }

    /// <summary>Adds what another id of the person was shown.</summary>
    public static void Take(CustomerState state, OfferRecord? given)
    {
        foreach (var other in given?.Offers ?? [])
        {
            var offer = (state.Offers ??= new OfferRecord()).Open(other.Key);
            offer.Converted += other.Converted;
            foreach (var exposure in other.Exposures)
                offer.Add(exposure);
        }

        foreach (var hold in given?.Holds ?? [])
            (state.Offers ??= new OfferRecord()).Add(hold);
    }
}
