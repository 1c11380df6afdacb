using Microsoft.Extensions.DependencyInjection;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Ingest;
using OrleansCrm.Server.Tests.Import;
using OrleansCrm.Server.Verification;
using SQLitePCL;

namespace OrleansCrm.Server.Tests.Verification;

public sealed class VerifyVerbTests
{
    [Fact]
    public async Task Database_that_nobody_touched_is_equal()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated();
        await trial.ImportAsync(file, ImportFormat.Events);

        var (code, output) = await trial.VerifyAsync();

        Assert.True(code == 0, output);
        Assert.Equal(200, Trial.Number(output, "customers"));
        Assert.Equal(200, Trial.Number(output, "snapshots compared"));
        Assert.Equal(0, Trial.Number(output, "not yet flushed"));
        Assert.Contains("equal", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE snapshot SET state = cast(cast(state AS TEXT) || ' ' AS BLOB) WHERE id = 1", "state differs")]
    [InlineData("UPDATE snapshot SET orders = orders + 1 WHERE id = 1", "columns differ")]
    [InlineData("UPDATE snapshot SET next_wake = next_wake + 1000 WHERE id = 1", "columns differ")]
    [InlineData("UPDATE snapshot SET covered = covered + 1000000 WHERE id = 1", "does not have")]
    [InlineData("DELETE FROM strand WHERE position = (SELECT min(position) FROM strand)", "strands name")]
    [InlineData("UPDATE metric_sum SET value = value + 1 WHERE metric = 'orders' AND partition = (SELECT min(partition) FROM metric_sum WHERE metric = 'orders')", "sum default/orders")]
    [InlineData("DELETE FROM alert_open", "missing at the desk")]
    [InlineData("UPDATE alert_open SET alert = cast(cast(alert AS TEXT) || ' ' AS BLOB)", "stands otherwise")]
    [InlineData("UPDATE alert_open SET alert = cast(replace(cast(alert AS TEXT), '\"id\":\"', '\"id\":\"9') AS BLOB)", "not open by the journal")]
    public async Task Planted_difference_is_found(string change, string told)
    {
        using var trial = new Trial();
        using var file = Histories.Silent();
        await trial.ImportAsync(file, ImportFormat.Events);
        var (untouched, before) = await trial.VerifyAsync();
        Assert.True(untouched == 0, before);
        Assert.InRange(Trial.Number(before, "open alerts"), 1, 100);

        Execute(trial, change);
        var (code, output) = await trial.VerifyAsync();

        Assert.Equal(1, code);
        Assert.Contains(told, output, StringComparison.Ordinal);
        Assert.DoesNotContain("shopper", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_server_that_takes_events_it_is_equal()
    {
        using var trial = new Trial();
        await using var engine = await EngineHost.StartAsync(trial.Server, listen: false, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var traffic = SendUntilAsync(engine, stop.Token);

        for (var i = 0; i < 5; i++)
        {
            var (code, output) = await trial.VerifyAsync();
            Assert.True(code == 0, output);
        }

        await stop.CancelAsync();
        Assert.InRange(await traffic, 1, int.MaxValue);
    }

    [Fact]
    public async Task Digest_does_not_depend_on_how_often_a_partition_is_read()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated();
        await trial.ImportAsync(file, ImportFormat.Events);
        var output = new StringWriter();

        var code = await VerifyVerb.RunAsync(new VerifyOptions { Data = trial.Data, CustomersPerPassMax = 5 }, output, output, CancellationToken.None);

        Assert.True(code == 0, output.ToString());
        Assert.Contains(await trial.DigestAsync(), output.ToString(), StringComparison.Ordinal);
        Assert.Equal(200, Trial.Number(output.ToString(), "customers"));
    }

    [Fact]
    public async Task Folder_without_a_journal_is_refused_in_words()
    {
        using var trial = new Trial();

        var (code, output) = await trial.VerifyAsync();

        Assert.Equal(1, code);
        Assert.Contains("no journal", output, StringComparison.Ordinal);
    }

    private static void Execute(Trial trial, string change)
    {
        Batteries_V2.Init();
        var path = Directory.GetFiles(trial.Data, "*.db").Single();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(path, out var database));
        using (database)
        {
            Assert.Equal(raw.SQLITE_OK, raw.sqlite3_exec(database, change));
            Assert.InRange(raw.sqlite3_changes(database), 1, int.MaxValue);
        }
    }

    private static async Task<int> SendUntilAsync(EngineHost engine, CancellationToken stop)
    {
        var pipeline = engine.Services.GetRequiredService<IngestPipeline>();
        var sent = 0;
        while (!stop.IsCancellationRequested)
        {
            var events = Enumerable.Range(0, 50).Select(i => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(
                $$$"""{"type":"track","event":"Order Completed","userId":"u{{{i % 20}}}","messageId":"m{{{sent}}}-{{{i}}}","properties":{"order_id":"o{{{sent}}}-{{{i}}}","revenue":1}}"""));
            var answer = await pipeline.SendAsync(new IngestOrigin("default", "test"), [.. events], CancellationToken.None);
            sent += answer.Accepted;
        }

        return sent;
    }
}
