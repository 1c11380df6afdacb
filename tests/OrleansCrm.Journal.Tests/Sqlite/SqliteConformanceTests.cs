namespace OrleansCrm.Journal.Tests.Sqlite;

public sealed class SqliteConformanceTests : JournalConformance
{
    protected override async Task<JournalUnderTest> CreateAsync(int partitions) => await SqliteUnderTest.CreateAsync(partitions);
}
