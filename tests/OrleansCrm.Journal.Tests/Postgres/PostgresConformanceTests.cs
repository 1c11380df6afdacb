namespace OrleansCrm.Journal.Tests.Postgres;

[Collection(PostgresFixture.Collection)]
[Trait("Needs", "postgres")]
public sealed class PostgresConformanceTests(PostgresFixture fixture) : JournalConformance
{
    protected override async Task<JournalUnderTest> CreateAsync(int partitions) => await PostgresUnderTest.CreateAsync(fixture, partitions);
}
