using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Tests.Import;

public sealed class HttpImportTargetTests
{
    [Fact]
    public async Task Server_that_is_away_is_told_of_while_it_is_waited_for()
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var said = new List<string>();
        await using var target = new HttpImportTarget(new Uri("http://127.0.0.1:1"), "key", TimeProvider.System, line =>
        {
            said.Add(line);
            enough.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => target.RenewAsync("any", enough.Token));

        Assert.StartsWith("http://127.0.0.1:1/ does not answer (", Assert.Single(said), StringComparison.Ordinal);
    }
}
