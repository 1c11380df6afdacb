using System.Text;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Feedback;

/// <summary>What surveys and reviews add to the facts. Read a second time, because only they need it.</summary>
internal static class FeedbackFold
{
    public static void Apply(CustomerState state, StorefrontEventName name, ref FoldStep step)
    {
        using var parsed = JsonDocument.Parse(step.Entry.Payload, new JsonDocumentOptions { MaxDepth = EventReader.DepthMax });
        if (!parsed.RootElement.TryGetProperty("properties", out var properties) || properties.ValueKind != JsonValueKind.Object)
            return;
        if (name == StorefrontEventName.ProductReviewed)
            Review(state, properties, ref step);
        else if (KindOf(properties) is { } kind && SurveyCheck.ScoreOf(properties) is { } score && score >= 0 && score <= MaxOf(kind))
            Take(state, new Answer(kind, KeyOf(properties, "survey_id") ?? EventReader.KeyOf(step.Entry), step.Entry.TimeMs, (int)score), ref step);
    }

    /// <summary>Adds what was answered under another id of the person.</summary>
    public static void Take(CustomerState state, FeedbackRecord? given)
    {
        if (given is null)
            return;
        var record = state.Feedback ??= new FeedbackRecord();
        foreach (var answer in given.Answers)
            record.Add(answer);
        for (var i = 0; i < FeedbackRecord.Kinds; i++)
            record.Closed[i] = record.Closed[i].Plus(given.Closed[i]);
    }

    private static void Review(CustomerState state, JsonElement properties, ref FoldStep step)
    {
        var named = KeyOf(properties, "review_id") ?? KeyOf(properties, "product_id");
        if (SurveyCheck.ScoreOf(properties, "rating") is >= 1 and <= 5 and var stars)
            Take(state, new Answer(FeedbackKind.Review, named ?? EventReader.KeyOf(step.Entry), step.Entry.TimeMs, (int)stars), ref step);
        if (named is { } key)
            Bonuses.Review(state, key, ref step);
    }

    private static void Take(CustomerState state, in Answer answer, ref FoldStep step)
    {
        if (!(state.Feedback ??= new FeedbackRecord()).Add(answer))
            return;
        SignalFold.Answered(state, answer, ref step);
        step.FactsChanged = true;
        step.Note(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{FeedbackWords.Of(answer.Kind)} {answer.Score}"));
    }

    private static FeedbackKind? KindOf(JsonElement properties) =>
        properties.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String
            ? kind.GetString() switch
            {
                "csat" => FeedbackKind.Csat,
                "nps" => FeedbackKind.Nps,
                "ces" => FeedbackKind.Ces,
                _ => null,
            }
            : null;

    private static int MaxOf(FeedbackKind kind) => kind switch
    {
        FeedbackKind.Nps => 10,
        FeedbackKind.Ces => 7,
        _ => 5,
    };

    private static ulong? KeyOf(JsonElement properties, string name)
    {
        if (!properties.TryGetProperty(name, out var id) || id.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            return null;
        var text = id.ValueKind == JsonValueKind.String ? id.GetString()! : id.GetRawText();
        return text.Length > 0 ? EventReader.HashOf(Encoding.UTF8.GetBytes(text), default) : null;
    }
}

internal static class FeedbackWords
{
    public static string Of(FeedbackKind kind) => kind switch
    {
        FeedbackKind.Csat => "csat",
        FeedbackKind.Nps => "nps",
        FeedbackKind.Ces => "ces",
        _ => "review",
    };
}
