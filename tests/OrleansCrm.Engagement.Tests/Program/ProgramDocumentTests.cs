using System.Text;
using OrleansCrm.Engagement.Churn;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Program;

public sealed class ProgramDocumentTests
{
    [Fact]
    public void What_is_missing_takes_the_default()
    {
        var document = Parse("""{"version":3,"currency":"GBP","churn":{"horizonDays":60,"model":{"name":"bg-nbd","r":0.3}}}""");
        Assert.Equal((3, "GBP", 60), (document.Version, document.Currency, document.Churn.HorizonDays));
        Assert.Equal(BetaGeometricModel.BgCdnow with { R = 0.3 }, document.Churn.Model);
        Assert.Equal(new RiskThreshold(0.75, 0.25), document.Churn.AtRisk);
        Assert.Equal(14, document.Lifecycle.BondingDays);
    }

    [Fact]
    public void Written_document_reads_back_the_same()
    {
        var json = """
            {"version":2,"currency":"GBP","rates":{"USD":0.78,"EUR":0.85},"lifecycle":{"bondingDays":7},"loyalty":{"pointsPerUnit":1.5},
            "alerts":{"churnRisk":{"desk":"vip","valueFrom":{"medium":10.5},"suggestedActions":["Ring"]}},"churn":{"lost":{"floor":0.95}}}
            """;
        var document = Parse(json);
        Assert.Equal(Encoding.UTF8.GetString(document.ToJson()), Encoding.UTF8.GetString(ProgramDocument.Parse(document.ToJson()).ToJson()));
        Assert.Equal(["EUR", "USD"], document.Rates.Select(r => r.Currency));
        Assert.Equal(780_000, document.RateMicros("USD"));
        Assert.Equal(1_000_000, document.RateMicros("GBP"));
        Assert.Equal(0, document.RateMicros("CHF"));
        Assert.Equal(1_500_000, document.Loyalty.PointsPerUnitMicros);
        Assert.Equal(10_500_000, document.Alerts.ChurnRisk.ValueMicros.Medium);

        var publication = ProgramPublication.Parse(new ProgramPublication("shop", document).ToPayload());
        Assert.Equal("shop", publication.Tenant);
        Assert.Equal(document.ToJson(), publication.Document.ToJson());
    }

    [Theory]
    [InlineData("2026-07-01T10:20:30Z")]
    [InlineData("2026-07-01T10:20:30.9Z")]
    [InlineData("2026-07-01T10:20:30.123Z")]
    [InlineData("2026-07-01T10:20:30.1234567Z")]
    public void Instant_may_be_as_fine_as_clocks_write_it(string from)
    {
        var document = Parse($$"""{"version":2,"offers":[{"id":"a","title":"A","from":"{{from}}"}]}""");

        Assert.Equal(DateTimeOffset.Parse("2026-07-01T10:20:30Z", System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), document.Offers[0].FromMs);
        Assert.Equal(document.ToJson(), ProgramDocument.Parse(document.ToJson()).ToJson());
    }

    [Theory]
    [InlineData("2026-07-01")]
    [InlineData("2026-07-01T10:20:30")]
    [InlineData("2026-07-01T10:20:30+02:00")]
    [InlineData("soon")]
    public void Instant_that_says_nothing_certain_is_a_fault(string from)
    {
        var error = Assert.Throws<ProgramException>(() => Parse($$"""{"offers":[{"id":"a","title":"A","from":"{{from}}"}]}"""));

        Assert.Equal(["offers[0].from"], error.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Every_fault_is_named()
    {
        var error = Assert.Throws<ProgramException>(() => Parse("""
            {"currency":"euro","timeZone":"Europe/Rome","rates":{"usd":1,"CHF":-1},"lifecycle":{"bondingDays":1.5,"boniding":3},
            "churn":{"model":{"name":"crystal-ball"},"atRisk":{"floor":2},"lost":{"share":0.02}},"loyalty":[],
            "alerts":{"churnRisk":{"enabled":"yes","desk":"No Desk","valueFrom":{"medium":5,"high":4},"suggestedActions":"call"}},"extra":1}
            """));
        Assert.Equal(
            [
                "alerts.churnRisk.desk", "alerts.churnRisk.enabled", "alerts.churnRisk.suggestedActions", "alerts.churnRisk.valueFrom",
                "churn.atRisk.floor", "churn.lost", "churn.model.name", "currency", "extra", "lifecycle.bondingDays", "lifecycle.boniding",
                "loyalty", "rates.CHF", "rates.usd", "timeZone",
            ],
            error.Faults.Select(f => f.Field).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    public void What_is_no_document_is_refused(string json) => Assert.Throws<ProgramException>(() => Parse(json));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"tenant":"a"}""")]
    [InlineData("""{"tenant":"a","document":{"version":0}}""")]
    [InlineData("""{"tenant":"a","document":""")]
    public void What_is_no_publication_is_refused(string json) =>
        Assert.Throws<ProgramException>(() => ProgramPublication.Parse(Encoding.UTF8.GetBytes(json)));

    private static ProgramDocument Parse(string json) => ProgramDocument.Parse(Encoding.UTF8.GetBytes(json));
}
