using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>The offer that stands, as profiles and storefronts see it.</summary>
public static class NextBestRenderer
{
    /// <returns>UTF-8 JSON; <c>null</c> where nothing is offered at that instant.</returns>
    public static byte[] Render(CustomerState state, long asOfMs) =>
        Find(state, asOfMs) is { } best ? Rendering.Object(json => WriteMembers(json, best)) : "null"u8.ToArray();

    internal static void Write(Utf8JsonWriter json, CustomerState state, long asOfMs)
    {
        if (Find(state, asOfMs) is not { } best)
        {
            json.WriteNull("nextBestOffer");
            return;
        }

        json.WriteStartObject("nextBestOffer");
        WriteMembers(json, best);
        json.WriteEndObject();
    }

    private static NextBestOffer? Find(CustomerState state, long asOfMs) =>
        state.Triggers?.Best is { } best && best.UntilMs > Math.Max(asOfMs, state.NewestMs) ? best : null;

    private static void WriteMembers(Utf8JsonWriter json, NextBestOffer best)
    {
        json.WriteString("decisionId", best.DecisionId);
        json.WriteString("trigger", best.Policy);
        json.WriteString("offerId", best.OfferId);
        json.WriteString("kind", best.Kind);
        json.WriteString("title", best.Title);
        json.WritePropertyName("value");
        Rendering.WriteAmount(json, best.ValueMicros);
        if (best.Coupon.Length > 0)
            json.WriteString("coupon", best.Coupon);
        Rendering.WriteTime(json, "decidedAt", best.TimeMs);
        Rendering.WriteTime(json, "validUntil", best.UntilMs);
    }
}
