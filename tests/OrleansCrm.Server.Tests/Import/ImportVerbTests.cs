using System.Text;
using OrleansCrm.Server.Hosting;
using OrleansCrm.Server.Import;

namespace OrleansCrm.Server.Tests.Import;

public sealed class ImportVerbTests
{
    [Fact]
    public async Task Profiles_say_what_a_plain_count_of_the_file_says()
    {
        using var trial = new Trial();
        using var file = Histories.Retail();

        var (code, output) = await trial.ImportAsync(file, ImportFormat.OnlineRetail);

        var expected = RetailRow.Count(RetailRow.Traps);
        Assert.True(code == 0, output);
        Assert.Equal(0, Trial.Number(output, "rejected"));
        Assert.Equal(2, Trial.Number(output, "rows without customer"));
        Assert.Equal(expected.Sum(c => c.Value.Orders) + 2, Trial.Number(output, "applied"));
        Assert.Equal(expected, await trial.TotalsAsync(expected.Keys, "GBP"));
        await trial.DigestAsync();
    }

    [Fact]
    public async Task Second_run_changes_nothing()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated();
        var first = await trial.ImportAsync(file, ImportFormat.Events);
        var digest = await trial.DigestAsync();

        var second = await trial.ImportAsync(file, ImportFormat.Events);

        Assert.Equal(0, second.Code);
        Assert.Equal(0, Trial.Number(second.Output, "applied"));
        Assert.Equal(Trial.Number(first.Output, "applied"), Trial.Number(second.Output, "duplicates"));
        Assert.Equal(digest, await trial.DigestAsync());
    }

    [Fact]
    public async Task History_in_two_files_gives_the_digest_of_the_whole()
    {
        using var whole = new Trial();
        using var parts = new Trial();
        using var file = Histories.Simulated();
        var lines = (await File.ReadAllTextAsync(file.Path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using var first = new TempFile(Encoding.UTF8.GetBytes(string.Join('\n', lines[..(lines.Length / 2)])));
        using var second = new TempFile(Encoding.UTF8.GetBytes(string.Join('\n', lines[(lines.Length / 2)..])));

        await whole.ImportAsync(file, ImportFormat.Events);
        await parts.ImportAsync(first, ImportFormat.Events);
        await parts.ImportAsync(second, ImportFormat.Events);

        Assert.Equal(await whole.DigestAsync(), await parts.DigestAsync());
    }

    [Fact]
    public async Task At_full_speed_throttled_and_in_two_halves_gives_one_digest()
    {
        using var file = Histories.Simulated(40);
        using var whole = new Trial();
        using var throttled = new Trial();
        using var halves = new Trial();

        Assert.Equal(0, (await whole.ImportAsync(file, ImportFormat.Events)).Code);
        Assert.Equal(0, (await throttled.ImportAsync(file, ImportFormat.Events, o => o with { Rate = 500, BatchSize = 3 })).Code);
        var half = await halves.ImportAsync(file, ImportFormat.Events, o => o with { StopAfter = 200 });
        var middle = await halves.DigestAsync();
        var rest = await halves.ImportAsync(file, ImportFormat.Events);

        Assert.Equal(200, Trial.Number(half.Output, "applied"));
        Assert.Equal(200, Trial.Number(rest.Output, "duplicates"));
        var digest = await whole.DigestAsync();
        Assert.NotEqual(digest, middle);
        Assert.Equal(digest, await throttled.DigestAsync());
        Assert.Equal(digest, await halves.DigestAsync());
    }

    [Fact]
    public async Task Shift_is_decided_by_the_first_run()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated();
        await trial.ImportAsync(file, ImportFormat.Events, o => o with { ShiftToNow = true, StopAfter = 100 });

        var rest = await trial.ImportAsync(file, ImportFormat.Events);

        Assert.Equal(100, Trial.Number(rest.Output, "duplicates"));
        Assert.Contains("times moved by", rest.Output, StringComparison.Ordinal);
        await trial.DigestAsync();
    }

    [Fact]
    public async Task Over_http_it_is_the_same_import()
    {
        using var trial = new Trial();
        using var direct = new Trial();
        using var file = Histories.Retail();
        var expected = RetailRow.Count(RetailRow.Traps);
        var server = trial.Server;
        server.Urls = "http://127.0.0.1:0";
        server.ApiKey = "ak_for_this_test";
        string output;
        await using (var engine = await EngineHost.StartAsync(server, listen: true, CancellationToken.None))
        {
            ImportOptions OverHttp(ImportOptions o) => o with { Url = new Uri(engine.Addresses[0]), ApiKey = server.ApiKey };
            (var code, output) = await trial.ImportAsync(file, ImportFormat.OnlineRetail, OverHttp);
            Assert.True(code == 0, output);
            var refused = await trial.ImportAsync(file, ImportFormat.OnlineRetail, o => OverHttp(o) with { ApiKey = "wrong" });
            Assert.Equal(1, refused.Code);
            Assert.Contains("401", refused.Output, StringComparison.Ordinal);
        }

        await direct.ImportAsync(file, ImportFormat.OnlineRetail);
        Assert.Equal(expected, await trial.TotalsAsync(expected.Keys, "GBP"));
        Assert.Equal(await direct.DigestAsync(), await trial.DigestAsync());
        Assert.Equal(Trial.Number(output, "applied"), Trial.Number((await trial.ImportAsync(file, ImportFormat.OnlineRetail)).Output, "duplicates"));
    }

    [Fact]
    public async Task Database_that_a_server_owns_is_refused_with_its_holder()
    {
        using var trial = new Trial();
        using var file = Histories.Retail();
        await using var engine = await EngineHost.StartAsync(trial.Server, listen: false, CancellationToken.None);

        var (code, output) = await trial.ImportAsync(file, ImportFormat.OnlineRetail);

        Assert.Equal(1, code);
        Assert.Contains($"{Environment.ProcessId}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_file_and_bad_options_are_told_in_words()
    {
        using var trial = new Trial();
        using var file = Histories.Retail();

        Assert.Equal(1, (await trial.ImportAsync(file, ImportFormat.OnlineRetail, o => o with { File = file.Path + ".nowhere" })).Code);
        await Assert.ThrowsAsync<StartException>(() => trial.ImportAsync(file, ImportFormat.OnlineRetail, o => o with { TimeZone = "Nowhere/Land" }));
        await Assert.ThrowsAsync<StartException>(() => trial.ImportAsync(file, ImportFormat.OnlineRetail, o => o with { Rate = 0 }));
        await Assert.ThrowsAsync<StartException>(() => trial.ImportAsync(file, ImportFormat.OnlineRetail, o => o with { BatchSize = 0 }));
        await Assert.ThrowsAsync<StartException>(() => trial.ImportAsync(file, ImportFormat.OnlineRetail, o => o with { Url = new Uri("http://localhost") }));
    }
}
