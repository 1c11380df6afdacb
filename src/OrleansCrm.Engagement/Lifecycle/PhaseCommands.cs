using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// A person puts a customer into another phase. It stands until a rule of the program moves the customer after it; out of recapture and
/// loss the next order does.
/// </summary>
public static class PhaseCommands
{
    /// <summary>The words of all phases.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Enum.GetValues<Phase>().Where(phase => phase != Phase.None).Select(PhaseWords.Of)];

    /// <param name="phase">One of <see cref="Words"/>; empty to let the rules decide again.</param>
    public static byte[] Force(string phase, string reason, string by) => Rendering.Object(json =>
    {
        json.WriteString("phase", phase);
        json.WriteString("reason", reason);
        json.WriteString("by", by);
    });

    internal static void Judge(CustomerState state, ref FoldStep step)
    {
        if (state.LinkedTo.Length > 0)
        {
            step.Answer(LoyaltyCodes.Moved, state.LinkedTo, []);
            return;
        }

        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var (word, reason) = (parsed.RootElement.GetProperty("phase").GetString()!, parsed.RootElement.GetProperty("reason").GetString()!);
        state.Forced = word.Length == 0 ? null : new ForcedPhase((Phase)(Words.ToList().IndexOf(word) + 1), state.NewestMs);
        step.FactsChanged = true;
        step.Note((word.Length == 0 ? "phase released: " : "phase forced: ") + reason);
        var standing = Standing.At(state, step.Program, state.NewestMs, out var because);
        step.Answer("", "", Rendering.Object(json =>
        {
            json.WriteString("phase", PhaseWords.Of(standing.Phase));
            Rendering.WriteInstant(json, "phaseSince", standing.SinceMs);
            json.WriteString("phaseReason", because);
        }));
    }
}

/// <param name="TimeMs">Since when.</param>
internal sealed record ForcedPhase(Phase Phase, long TimeMs)
{
    /// <summary>Of the moves of two ids of a person the newer.</summary>
    public static ForcedPhase? Newer(ForcedPhase? x, ForcedPhase? y) => x is null || y?.TimeMs > x.TimeMs ? y : x;

    /// <summary>The first order after it; 0 for none.</summary>
    public long NextOrderMs(CustomerState state)
    {
        if (state.Purchases.Purchases == 0 || state.Purchases.LastMs <= TimeMs)
            return 0;
        foreach (var order in state.ReadOrders())
        {
            if (order.IsPurchase && order.PlacedMs > TimeMs)
                return order.PlacedMs;
        }

        return state.Purchases.LastMs;
    }
}
