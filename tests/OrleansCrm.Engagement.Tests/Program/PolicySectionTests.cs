using System.Text;
using System.Text.Json;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Signals;

namespace OrleansCrm.Engagement.Tests.Program;

public sealed class PolicySectionTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(ProgramSchema.Json).RootElement.GetProperty("$defs").GetProperty("policy");

    [Fact]
    public void Default_program_has_a_policy_for_every_signal()
    {
        Assert.Equal(SignalWords.All.Order(), ProgramDocument.Default.Alerts.Policies.Select(p => SignalWords.Of(p.Signal)).Order());
    }

    [Fact]
    public void What_is_said_of_one_kind_leaves_the_others()
    {
        var policies = Parse("""{"cart_abandoned":{"afterMinutes":60},"refused_often":{"signal":"payment_failed","count":3,"desk":"pay"}}""").Alerts.Policies;
        Assert.Equal(ProgramDocument.Default.Alerts.Policies.Count + 1, policies.Count);
        var cart = policies.Single(p => p.Kind == "cart_abandoned");
        Assert.Equal((60, 3, Signal.CartAbandoned), (cart.AfterMinutes, cart.ForDays, cart.Signal));
        var refused = policies.Single(p => p.Kind == "refused_often");
        Assert.Equal((3, "pay", 3), (refused.Count, refused.Desk, refused.ForDays));
        Assert.Equal(policies.Select(p => p.Kind).Order(StringComparer.Ordinal), policies.Select(p => p.Kind));
    }

    [Fact]
    public void Written_policies_read_back_the_same_and_stand_in_the_schema()
    {
        var document = Parse("""{"detractor":{"badUpTo":{"nps":4,"csat":-1},"purpose":"","severityMin":"critical","when":{"field":"orders","atLeast":2}},"basket_falling":{"share":0.25,"enabled":false}}""");
        var json = Encoding.UTF8.GetString(document.ToJson());
        Assert.Equal(json, Encoding.UTF8.GetString(ProgramDocument.Parse(document.ToJson()).ToJson()));
        var named = Schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).ToHashSet();
        foreach (var policy in JsonDocument.Parse(json).RootElement.GetProperty("alerts").GetProperty("policies").EnumerateObject())
            Assert.Subset(named, policy.Value.EnumerateObject().Select(p => p.Name).ToHashSet());
        Assert.Equal(SignalWords.All, Schema.GetProperty("properties").GetProperty("signal").GetProperty("enum").EnumerateArray().Select(e => e.GetString()!));
    }

    [Theory]
    [InlineData("""{"new_kind":{}}""", "alerts.policies.new_kind.signal")]
    [InlineData("""{"new_kind":{"signal":"smell"}}""", "alerts.policies.new_kind.signal")]
    [InlineData("""{"churn_risk":{"signal":"refunds"}}""", "alerts.policies.churn_risk")]
    [InlineData("""{"Big Kind":{"signal":"refunds"}}""", "alerts.policies.Big Kind")]
    [InlineData("""{"refund_spike":{"afterMinutes":5}}""", "alerts.policies.refund_spike.afterMinutes")]
    [InlineData("""{"refund_spike":{"count":0}}""", "alerts.policies.refund_spike.count")]
    [InlineData("""{"refund_spike":{"withinDays":366}}""", "alerts.policies.refund_spike.withinDays")]
    [InlineData("""{"detractor":{"severityMin":"dire"}}""", "alerts.policies.detractor.severityMin")]
    [InlineData("""{"detractor":{"badUpTo":{"nps":10}}}""", "alerts.policies.detractor.badUpTo.nps")]
    [InlineData("""{"basket_falling":{"share":0.99}}""", "alerts.policies.basket_falling.share")]
    [InlineData("""{"cart_abandoned":{"when":{"field":"openAlerts","atLeast":1}}}""", "alerts.policies.cart_abandoned.when")]
    [InlineData("""{"cart_abandoned":{"when":{"segment":"nobody"}}}""", "alerts.policies.cart_abandoned.when.segment")]
    [InlineData("""{"cart_abandoned":{"dueMinutes":{"low":0}}}""", "alerts.policies.cart_abandoned.dueMinutes.low")]
    public void Fault_is_named_by_its_path(string policies, string field)
    {
        var refused = Assert.Throws<ProgramException>(() => Parse(policies));
        Assert.Equal(field, Assert.Single(refused.Faults).Field);
    }

    private static ProgramDocument Parse(string policies) =>
        ProgramDocument.Parse(Encoding.UTF8.GetBytes($$$"""{"alerts":{"policies":{{{policies}}}}}"""));
}
