using System.Text.Json;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Segments;

/// <summary>The program's <c>segments</c>, by name.</summary>
internal static class SegmentSection
{
    private const int SegmentsMax = 100;

    // Every question can change its answer twice while a customer is silent, and all changes before one entry have to stay below
    // Bounds.StepsMax.
    private const int QuestionsMax = 200;
    private const int TitleMax = 100;

    /// <param name="conditions">Knows the names of the segments.</param>
    public static Segment[] Read(ProgramSection section, ConditionReader conditions)
    {
        var names = section.Names();
        if (names.Length > SegmentsMax)
            section.Fault("", FormattableString.Invariant($"must have at most {SegmentsMax} segments"));
        var segments = new List<Segment>();
        foreach (var name in names.Take(SegmentsMax).Order(StringComparer.Ordinal))
        {
            var segment = section.Section(name);
            if (!IsName(name))
                section.Fault(name, "must have a name of 1 to 64 of a-z, 0-9, hyphen and underscore");
            var title = segment.Text("title", "", text => text.Length <= TitleMax, FormattableString.Invariant($"a text of at most {TitleMax} characters"));
            segments.Add(new Segment(name, title, conditions.Read(segment, "when", mayAskAlerts: false, mayAskOwner: false)));
            segment.RefuseOthers();
        }

        var questions = segments.Sum(segment => segment.When.Parts.Count(part => part is FieldCondition or CountCondition));
        if (questions > QuestionsMax)
            section.Fault("", FormattableString.Invariant($"must ask at most {QuestionsMax} questions, and ask {questions}"));
        foreach (var segment in segments.Where(segment => Reaches(segments, segment.When, segment.Name, [])))
            section.Fault(segment.Name, "must not refer to itself, over other segments neither");
        return [.. segments];
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<Segment> segments)
    {
        json.WriteStartObject("segments");
        foreach (var segment in segments)
        {
            json.WriteStartObject(segment.Name);
            json.WriteString("title", segment.Title);
            ConditionWriter.Write(json, "when", segment.When);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Each after those it refers to.</summary>
    public static Segment[] InOrder(IReadOnlyList<Segment> segments)
    {
        var ordered = new List<Segment>(segments.Count);
        foreach (var segment in segments)
            Add(segment);
        return [.. ordered];

        void Add(Segment segment)
        {
            if (ordered.Contains(segment))
                return;
            foreach (var name in Named(segment.When))
            {
                if (segments.FirstOrDefault(other => other.Name == name) is { } other)
                    Add(other);
            }

            ordered.Add(segment);
        }
    }

    private static bool Reaches(List<Segment> segments, Condition from, string wanted, HashSet<string> seen)
    {
        foreach (var name in Named(from))
        {
            if (name == wanted)
                return true;
            if (seen.Add(name) && segments.Find(segment => segment.Name == name) is { } next && Reaches(segments, next.When, wanted, seen))
                return true;
        }

        return false;
    }

    private static IEnumerable<string> Named(Condition condition) => condition.Parts.OfType<InSegment>().Select(part => part.Segment);

    private static bool IsName(string text) =>
        text.Length is >= 1 and <= 64 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
