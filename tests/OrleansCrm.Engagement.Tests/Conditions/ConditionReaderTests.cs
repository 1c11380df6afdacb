using System.Text;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Conditions;

public sealed class ConditionReaderTests
{
    [Fact]
    public void Every_fault_of_a_condition_is_named_by_its_path()
    {
        var faults = FaultsOf("""
            {"all":[
              {"field":"phase","is":"lyoalty"},
              {"field":"colour","is":"red"},
              {"field":"balance","atLeast":"many"},
              {"field":"risk","atLeast":0.5,"below":0.9},
              {"field":"tier","in":[]},
              {"count":"orders","within":"30 days","atLeast":0},
              {"count":"refunds","atLeast":2},
              {"any":[]},
              {"not":{"segment":"nobody"}},
              {"field":"orders","above":1,"extra":2},
              {},
              "orders"
            ]}
            """);
        Assert.Equal(
            [
                "segments.s.when.all[0].is", "segments.s.when.all[10]", "segments.s.when.all[11]", "segments.s.when.all[1].field",
                "segments.s.when.all[2].atLeast", "segments.s.when.all[3]", "segments.s.when.all[4].in", "segments.s.when.all[5].atLeast",
                "segments.s.when.all[5].within", "segments.s.when.all[6].within", "segments.s.when.all[7].any",
                "segments.s.when.all[8].not.segment", "segments.s.when.all[9].extra",
            ],
            faults.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Segments_that_refer_to_each_other_in_a_circle_are_faults()
    {
        var error = Assert.Throws<ProgramException>(() => Parse("""
            {"segments":{"a":{"when":{"segment":"b"}},"b":{"when":{"not":{"segment":"c"}}},"c":{"when":{"all":[{"segment":"a"}]}},"d":{"when":{"segment":"a"}}}}
            """));
        Assert.Equal(["segments.a", "segments.b", "segments.c"], error.Faults.Select(f => f.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Segment_needs_a_condition_and_cannot_ask_for_alerts()
    {
        var error = Assert.Throws<ProgramException>(() => Parse("""
            {"segments":{"a":{},"b":{"when":{"field":"openAlerts","atLeast":1}},"C":{"when":{"field":"orders","is":1}}}}
            """));
        Assert.Equal(["segments.C", "segments.a.when", "segments.b.when"], error.Faults.Select(f => f.Field).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Condition_nested_too_deep_is_a_fault()
    {
        var json = """{"field":"orders","is":1}""";
        for (var i = 0; i < 8; i++)
            json = $$"""{"not":{{json}}}""";
        Assert.Single(FaultsOf(json));
    }

    [Fact]
    public void Written_conditions_read_back_the_same()
    {
        var document = Parse("""
            {"loyalty":{"tiers":{"levels":[{"name":"gold","from":100}]}},
            "segments":{"a":{"title":"A","when":{"all":[
              {"field":"phase","in":["loyalty","advocacy"]},{"field":"tier","is":"gold"},{"field":"balance","atLeast":12.5},
              {"field":"traits.city","isNot":"Graz"},{"field":"traits.plus","is":true},{"field":"traits.age","exists":false},
              {"field":"consent.marketing.email","is":true},{"not":{"segment":"b"}},
              {"any":[{"count":"orders","within":"48h","atLeast":2},{"count":"Product Viewed","within":"90m","below":3}]}]}},
            "b":{"when":{"count":"tickets","within":"30d","is":0}}}}
            """);
        var written = Encoding.UTF8.GetString(document.ToJson());
        Assert.Equal(written, Encoding.UTF8.GetString(ProgramDocument.Parse(document.ToJson()).ToJson()));
        Assert.Contains("""{"count":"orders","within":"2d","atLeast":2}""", written, StringComparison.Ordinal);
        Assert.Contains("""{"field":"phase","in":["loyalty","advocacy"]}""", written, StringComparison.Ordinal);
    }

    private static string[] FaultsOf(string condition) =>
        [.. Assert.Throws<ProgramException>(() => Parse("""{"segments":{"s":{"when":""" + condition + "}}}")).Faults.Select(f => f.Field)];

    private static ProgramDocument Parse(string json) => ProgramDocument.Parse(Encoding.UTF8.GetBytes(json));
}
