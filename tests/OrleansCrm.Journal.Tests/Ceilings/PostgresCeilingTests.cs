using OrleansCrm.Journal.Ceilings;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Journal.Tests.Ceilings;

public sealed class PostgresCeilingTests
{
    [NeedsFact("postgres")]
    [Trait("Needs", "postgres")]
    public async Task Postgres_takes_entries_in_every_way_and_scratch_databases_are_dropped()
    {
        await using var server = await PostgresServer.StartAsync();
        var home = server.ConnectionTo("postgres");
        string made;
        await using (var scratch = PostgresScratch.On(home, 1))
        {
            made = await scratch.CreateAsync(CancellationToken.None);
            await using var ceiling = await PostgresCeiling.CreateAsync(made, CancellationToken.None);
            Assert.StartsWith("PostgreSQL ", ceiling.Version);
            foreach (var kind in Enum.GetValues<CeilingKind>().Where(k => k != CeilingKind.Unknown))
            {
                await using var connection = await ceiling.ConnectAsync(kind, CancellationToken.None);
                await connection.CommitAsync(CeilingTests.Entries(0, 3), CancellationToken.None);
                await connection.CommitAsync(CeilingTests.Entries(3, 1), CancellationToken.None);
            }
        }

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PostgresCeiling.CreateAsync(made, CancellationToken.None));
    }

    [Fact]
    public void Text_that_is_no_connection_string_is_refused_without_quoting_it()
    {
        var refused = Assert.Throws<JournalOpenException>(() => PostgresScratch.On("Password=secret;nonsense=1", 1));

        Assert.DoesNotContain("secret", refused.Message);
    }
}
