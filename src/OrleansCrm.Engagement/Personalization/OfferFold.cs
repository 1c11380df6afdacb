using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What a decision and an order add to what is known of a customer's offers.</summary>
internal static class OfferFold
{
    /// <summary>A page asks again with every look at it; that is one showing.</summary>
    private const long SameShowingMs = 30 * 60_000;

    /// <summary>Notes what was shown. Nothing is read beyond the payload's beginning where nothing was.</summary>
    public static void Expose(CustomerState state, ref FoldStep step)
    {
        var reader = new Utf8JsonReader(step.Entry.Payload);
        if (!reader.Read() || !reader.Read() || !reader.ValueTextEquals(DecisionNote.Shown))
            return;
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var id = reader.GetString()!;
            reader.Read();
            var history = (state.Offers ??= new OfferRecord()).Open(EventReader.HashOf(System.Text.Encoding.UTF8.GetBytes(id), default));
            if (history.LastMs == 0 || step.Entry.TimeMs - history.LastMs >= SameShowingMs || history.Exposures[^1].IsConverted)
                history.Add(new Exposure(step.Entry.TimeMs, reader.GetByte(), IsConverted: false));
            step.Note("offer shown " + id);
        }
    }

    /// <summary>
    /// An order counts for the newest showing of each offer before it, within the window, once. So whatever is told twice or in another order
    /// counts the same.
    /// </summary>
    public static void Convert(CustomerState state, long placedMs, int attributionDays)
    {
        foreach (var offer in state.Offers?.Offers ?? [])
        {
            var place = offer.Exposures.FindLastIndex(e => e.TimeMs <= placedMs);
            if (place < 0 || placedMs - offer.Exposures[place].TimeMs > attributionDays * UtcDay.Ms || offer.Exposures[place].IsConverted)
                continue;
            offer.Exposures[place] = offer.Exposures[place] with { IsConverted = true };
            offer.Converted++;
        }
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
    }
}
