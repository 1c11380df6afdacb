using System.Text;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Tracking;

namespace OrleansCrm.Engagement.Tests.Tracking;

public sealed class TrackingPlanTests
{
    [Theory]
    [InlineData("""{"type":"object","required":["id"]}""", """{"id":null}""", null)]
    [InlineData("""{"type":"object","required":["id","name"]}""", """{"id":1}""", "properties.name is required")]
    [InlineData("""{"type":"array"}""", """{}""", "properties must be array")]
    [InlineData("""{"properties":{"n":{"type":"integer"}}}""", """{"n":2.0}""", null)]
    [InlineData("""{"properties":{"n":{"type":"integer"}}}""", """{"n":2.5}""", "properties.n must be integer")]
    [InlineData("""{"properties":{"n":{"type":"number"}}}""", """{"n":2}""", null)]
    [InlineData("""{"properties":{"n":{"type":"number"}}}""", """{"n":"2"}""", "properties.n must be number")]
    [InlineData("""{"properties":{"n":{"type":["string","null"]}}}""", """{"n":null}""", null)]
    [InlineData("""{"properties":{"n":{"type":["string","null"]}}}""", """{"n":false}""", "properties.n must be string or null")]
    [InlineData("""{"properties":{"n":{"minimum":0,"maximum":10}}}""", """{"n":-1}""", "properties.n must be at least 0")]
    [InlineData("""{"properties":{"n":{"minimum":0,"maximum":10}}}""", """{"n":1e999}""", "properties.n must be at most 10")]
    [InlineData("""{"properties":{"n":{"minimum":0,"maximum":10}}}""", """{"n":"text is not looked at"}""", null)]
    [InlineData("""{"properties":{"c":{"enum":["EUR",7,true,null]}}}""", """{"c":7.0}""", null)]
    [InlineData("""{"properties":{"c":{"enum":["EUR",7,true,null]}}}""", """{"c":"USD"}""", "properties.c must be one of \"EUR\", 7, true, null")]
    [InlineData("""{"properties":{"c":{"enum":["EUR"]}}}""", """{"c":["EUR"]}""", "properties.c must be one of \"EUR\"")]
    [InlineData("""{"properties":{"s":{"pattern":"^sku-[0-9]+$"}}}""", """{"s":"sku-12"}""", null)]
    [InlineData("""{"properties":{"s":{"pattern":"^sku-[0-9]+$"}}}""", """{"s":"sku-"}""", "properties.s must match ^sku-[0-9]+$")]
    [InlineData("""{"properties":{"s":{"pattern":"."}}}""", """{"s":"\ud800"}""", "properties.s must match .")]
    [InlineData("""{"properties":{"p":{"items":{"required":["sku"],"properties":{"price":{"minimum":0}}}}}}""", """{"p":[{"sku":1},{"sku":2,"price":-1}]}""", "properties.p[1].price must be at least 0")]
    [InlineData("""{"properties":{"p":{"items":{"required":["sku"]}}}}""", """{"p":[7,{"price":{"sku":1}}]}""", "properties.p[1].sku is required")]
    [InlineData("""{"properties":{"a":{"properties":{"b":{"type":"string"}}}}}""", """{"x":{"a":{"b":1}},"a":{"b":"1"},"z":[[]]}""", null)]
    [InlineData("""{"properties":{"a\"b":{"type":"string"}}}""", """{"a\u0022b":1}""", "properties.a\"b must be string")]
    [InlineData("""{"properties":{"n":{"type":"number"}}}""", """{"\ud800":1,"n\udc00":2,"\u006e":"x"}""", "properties.n must be number")]
    [InlineData("""{"title":"t","description":"d","default":{},"examples":[]}""", """{"any":1}""", null)]
    public void Event_fits_or_the_first_place_that_does_not_is_named(string schema, string properties, string? expected)
    {
        var rule = PlanOf($$"""{"X":{"mode":"block","schema":{{schema}} } }""").Find("X"u8)!;

        var violation = rule.Check(Encoding.UTF8.GetBytes(properties));

        Assert.Equal(expected, violation is null ? null : $"{violation.Field} {violation.Detail}");
    }

    [Fact]
    public void Event_without_properties_is_held_against_none() =>
        Assert.Equal(
            "properties.id",
            PlanOf("""{"X":{"schema":{"required":["id"]}}}""").Find("X"u8)!.Check([])!.Field);

    [Fact]
    public void Only_events_that_are_to_be_looked_at_have_a_rule()
    {
        var plan = PlanOf("""{"A":{"mode":"allow","schema":{"required":["x"]}},"B":{"schema":{}},"C":{"mode":"block","schema":{}}}""");

        Assert.Null(plan.Find("A"u8));
        Assert.Equal(TrackingMode.Warn, plan.Find("B"u8)!.Mode);
        Assert.Equal(TrackingMode.Block, plan.Find("C"u8)!.Mode);
        Assert.Null(plan.Find("c"u8));
        Assert.False(plan.IsIdle);
        Assert.True(PlanOf("""{"A":{"mode":"allow","schema":{}}}""").IsIdle);
        Assert.True(ProgramDocument.Default.TrackingPlan.IsIdle);
    }

    [Fact]
    public void Every_fault_of_a_plan_is_named()
    {
        var faults = Assert.Throws<ProgramException>(() => PlanOf("""
            {"A":{"mode":"maybe","schema":{"type":"text","enum":[],"minimum":"0","pattern":"(","required":"id","format":"date"}},"B":{},
            "C":{"schema":[]},"D":{"schema":{"properties":{"x":{"pattern":"(?=a)","items":{"type":[]}}}},"extra":1},"":{"schema":{}},
            "E":{"schema":{"enum":[{}]}},"F":7}
            """)).Faults.Select(f => f.Field).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "trackingPlan", "trackingPlan.A.mode", "trackingPlan.A.schema.enum", "trackingPlan.A.schema.format", "trackingPlan.A.schema.minimum",
                "trackingPlan.A.schema.pattern", "trackingPlan.A.schema.required", "trackingPlan.A.schema.type", "trackingPlan.B.schema", "trackingPlan.C.schema",
                "trackingPlan.D.extra", "trackingPlan.D.schema.properties.x.items.type", "trackingPlan.D.schema.properties.x.pattern",
                "trackingPlan.E.schema.enum", "trackingPlan.F", "trackingPlan.F.schema",
            ],
            faults);
    }

    [Fact]
    public void Schema_that_nests_too_deep_is_refused()
    {
        var schema = string.Concat(Enumerable.Repeat("{\"items\":", 30)) + "{}" + new string('}', 30);

        Assert.Contains("nested", Assert.Throws<ProgramException>(() => PlanOf($$"""{"A":{"schema":{{schema}} } }""")).Message);
    }

    private static TrackingPlan PlanOf(string plan) => ProgramDocument.Parse(Encoding.UTF8.GetBytes($$"""{"trackingPlan":{{plan}} }""")).TrackingPlan;
}
