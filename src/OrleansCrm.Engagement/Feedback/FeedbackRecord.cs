using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Feedback;

/// <summary>Numbers are stored: they may only grow.</summary>
internal enum FeedbackKind : byte
{
    /// <summary>Satisfaction, 1 to 5.</summary>
    Csat = 1,

    /// <summary>Would recommend, 0 to 10.</summary>
    Nps = 2,

    /// <summary>Made it easy, 1 to 7.</summary>
    Ces = 3,

    /// <summary>A product review, 1 to 5 stars.</summary>
    Review = 4,
}

/// <param name="Key">Of the survey or review, else of the message: of one key the newest answer counts.</param>
internal readonly record struct Answer(FeedbackKind Kind, ulong Key, long TimeMs, int Score) : IComparable<Answer>
{
    public int CompareTo(Answer other) => (TimeMs, Kind, Score, Key).CompareTo((other.TimeMs, other.Kind, other.Score, other.Key));
}

/// <summary>Answers of one kind: how many, how many good and bad ones, and what they sum to.</summary>
/// <param name="Good">CSAT and reviews 4 and 5, NPS 9 and 10 (promoters), CES 5 to 7.</param>
/// <param name="Bad">NPS 0 to 6 (detractors); of the others the rest.</param>
internal readonly record struct FeedbackTally(long Count, long Good, long Bad, long Sum)
{
    public FeedbackTally With(in Answer answer)
    {
        var isGood = answer.Kind switch
        {
            FeedbackKind.Nps => answer.Score >= 9,
            FeedbackKind.Ces => answer.Score >= 5,
            _ => answer.Score >= 4,
        };
        var isBad = answer.Kind == FeedbackKind.Nps ? answer.Score <= 6 : !isGood;
        return new FeedbackTally(Count + 1, Good + (isGood ? 1 : 0), Bad + (isBad ? 1 : 0), Sum + answer.Score);
    }

    public FeedbackTally Plus(in FeedbackTally other) => new(Count + other.Count, Good + other.Good, Bad + other.Bad, Sum + other.Sum);
}

/// <summary>What one customer has answered. The newest answers stand one by one, older ones as counts.</summary>
internal sealed class FeedbackRecord
{
    public const int Kinds = 4;

    /// <summary>By time.</summary>
    public List<Answer> Answers { get; } = new(1);

    /// <summary>By kind, of answers that are no longer kept.</summary>
    public FeedbackTally[] Closed { get; } = new FeedbackTally[Kinds];

    /// <returns>False when it says nothing new.</returns>
    public bool Add(in Answer answer)
    {
        var (kind, key) = (answer.Kind, answer.Key);
        var known = Answers.FindIndex(a => a.Kind == kind && a.Key == key);
        if (known >= 0)
        {
            if (Answers[known].CompareTo(answer) >= 0)
                return false;
            Answers.RemoveAt(known);
        }

        var place = Answers.Count;
        while (place > 0 && Answers[place - 1].CompareTo(answer) > 0)
            place--;
        Answers.Insert(place, answer);
        if (Answers.Count > Bounds.AnswersMax)
        {
            var oldest = Answers[0];
            Closed[(int)oldest.Kind - 1] = Closed[(int)oldest.Kind - 1].With(oldest);
            Answers.RemoveAt(0);
        }

        return true;
    }

    public FeedbackTally TallyOf(FeedbackKind kind)
    {
        var tally = Closed[(int)kind - 1];
        foreach (var answer in Answers)
            tally = answer.Kind == kind ? tally.With(answer) : tally;
        return tally;
    }

    /// <summary>
    /// When the customer first praised after the last time of speaking ill: a review of so many stars, an answer to NPS, or somebody brought;
    /// 0 for not.
    /// </summary>
    /// <param name="brought">By time.</param>
    public static long PraisedMs(FeedbackRecord? record, List<CountedTime>? brought, int ratingMin, int npsMin)
    {
        var (praisedMs, next) = (0L, 0);
        foreach (var answer in record?.Answers ?? [])
        {
            for (; next < brought?.Count && brought[next].TimeMs <= answer.TimeMs; next++)
                praisedMs = praisedMs == 0 ? brought[next].TimeMs : praisedMs;
            if (answer.Kind == FeedbackKind.Nps && answer.Score <= 6)
                praisedMs = 0;
            else if (praisedMs == 0 && answer.Score >= (answer.Kind == FeedbackKind.Nps ? npsMin : answer.Kind == FeedbackKind.Review ? ratingMin : int.MaxValue))
                praisedMs = answer.TimeMs;
        }

        return praisedMs == 0 && next < brought?.Count ? brought[next].TimeMs : praisedMs;
    }
}
