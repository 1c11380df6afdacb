using System.Text;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Program;

public sealed class ProgramWarningTests
{
    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{"consent":{"marketing":{"*":false}}}""", "consent: says nothing of service, so only customers who have granted it themselves raise churn_risk, basket_falling")]
    [InlineData("""{"consent":{"marketing":{"*":false},"service":{"*":false}}}""", null)]
    [InlineData("""{"consent":{"service":{"email":true}}}""", "consent: says nothing of service")]
    [InlineData("""{"offers":[{"id":"a","title":"A","cart":{"from":30}}],"triggers":{"policies":[{"id":"p","on":"payment_failed"}]}}""", "triggers.policies[0]: has nothing to offer")]
    [InlineData("""{"offers":[{"id":"a","title":"A","placements":["checkout"]}],"triggers":{"policies":[{"id":"p","on":"payment_failed"}]}}""", "triggers.policies[0]: has nothing to offer")]
    [InlineData("""{"triggers":{"policies":[{"id":"p","on":"payment_failed","enabled":false}]}}""", null)]
    [InlineData("""{"offers":[{"id":"a","title":"A","budget":{"times":5},"coupon":{}}],"triggers":{"policies":[{"id":"p","on":"payment_failed"}]}}""", null)]
    public void What_is_allowed_and_probably_not_meant_is_said(string program, string? expected)
    {
        var warnings = ProgramWarnings.Of(ProgramDocument.Parse(Encoding.UTF8.GetBytes(program)));

        if (expected is null)
            Assert.Empty(warnings);
        else
            Assert.StartsWith(expected, Assert.Single(warnings), StringComparison.Ordinal);
        Assert.All(warnings, warning => Assert.True(Ascii.IsValid(warning) && !warning.Contains('"')));
    }
}
