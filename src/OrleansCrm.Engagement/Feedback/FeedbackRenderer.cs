using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Feedback;

/// <summary>
/// The profile's <c>feedback</c> by the usual formulas, null without an answer: CSAT the percentage of 4 and 5, NPS the percentage of 9 and 10
/// less that of 0 to 6, CES and rating the mean.
/// </summary>
internal static class FeedbackRenderer
{
    public static void Write(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject("feedback");
        Write(json, "csat", state, FeedbackKind.Csat, t => 100.0 * t.Good / t.Count);
        Write(json, "nps", state, FeedbackKind.Nps, t => 100.0 * (t.Good - t.Bad) / t.Count);
        Write(json, "ces", state, FeedbackKind.Ces, t => (double)t.Sum / t.Count);
        Write(json, "rating", state, FeedbackKind.Review, t => (double)t.Sum / t.Count);
        json.WriteStartObject("answers");
        for (var kind = FeedbackKind.Csat; kind <= FeedbackKind.Review; kind++)
            json.WriteNumber(kind == FeedbackKind.Review ? "reviews" : FeedbackWords.Of(kind), state.Feedback?.TallyOf(kind).Count ?? 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, CustomerState state, FeedbackKind kind, Func<FeedbackTally, double> formula)
    {
        if (state.Feedback?.TallyOf(kind) is { Count: > 0 } tally)
            json.WriteNumber(name, Math.Floor(formula(tally) * 100 + 0.5) / 100);
        else
            json.WriteNull(name);
    }
}
