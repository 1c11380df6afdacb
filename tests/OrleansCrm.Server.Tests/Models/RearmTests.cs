using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Sqlite;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Import;

namespace OrleansCrm.Server.Tests.Models;

public sealed class RearmTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Fits_published_with_kills_in_between_set_every_instant_anew_and_verify_is_equal()
    {
        using var trial = new Trial();
        using var file = Histories.Simulated(1_000);
        var (code, output) = await trial.ImportAsync(file, ImportFormat.Events, o => o with { ShiftToNow = true });
        Assert.True(code == 0, output);
        var before = await WakesAsync(trial);
        var port = ServerProcess.FreePort();

        foreach (var model in (string[])["mbg-nbd", "nbd", "pareto-nbd"])
        {
            await using var killed = await ServerProcess.StartAsync(trial.Data, port);
            await PublishAsync(killed, model);
            await killed.KillAsync();
        }

        await using (var server = await ServerProcess.StartAsync(trial.Data, port))
        {
            await PublishAsync(server, "bg-nbd");
            await UntilSweptAsync(trial);
            Assert.Equal(0, await server.StopAsync());
        }

        var after = await WakesAsync(trial);
        Assert.Equal(before.Keys, after.Keys);
        Assert.True(before.Count(w => w.Value != after[w.Key]) > 100, "Hardly any instant has moved.");
        (code, output) = await trial.VerifyAsync();
        Assert.True(code == 0, output);
    }

    private static async Task PublishAsync(ServerProcess server, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/fit");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.ApiKey);
        request.Content = new StringContent($$"""{"model":"{{model}}","publish":true}""", Encoding.UTF8, "application/json");
        using var answer = await server.Http.SendAsync(request);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == 200, body);
    }

    /// <summary>Beside the running server: every partition notes that its sweep for the newest program is over.</summary>
    private static async Task UntilSweptAsync(Trial trial)
    {
        await using var database = await SqliteJournal.OpenReadOnlyAsync(trial.Data, CancellationToken.None);
        var started = Stopwatch.StartNew();
        for (var partition = 0; partition < database.Journal.Identity.Partitions; partition++)
        {
            while (!IsSwept(await database.Journal.ReadWideAsync(partition, CancellationToken.None)))
            {
                Assert.True(started.Elapsed < Deadline, $"Partition {partition} is not swept.");
                await Task.Delay(20);
            }

            var target = (await database.Journal.ReadWideAsync(partition, CancellationToken.None)).Last(e => e.Type == EntryTypes.ProgramPublished).Offset;
            foreach (var row in await RowsAsync(database.Journal, partition))
                Assert.True(row.CoveredOffset >= target, "A sleeper was passed over.");
        }
    }

    private static bool IsSwept(Entry[] wide)
    {
        if (wide.LastOrDefault(e => e.Type == EntryTypes.ProgramSwept) is not { } swept)
            return false;
        using var payload = JsonDocument.Parse(swept.Payload);
        return payload.RootElement.GetProperty("program").GetInt64() == wide.Last(e => e.Type == EntryTypes.ProgramPublished).Offset;
    }

    private static async Task<SortedDictionary<string, long>> WakesAsync(Trial trial)
    {
        await using var database = await SqliteJournal.OpenReadOnlyAsync(trial.Data, CancellationToken.None);
        var wakes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        for (var partition = 0; partition < database.Journal.Identity.Partitions; partition++)
        {
            foreach (var row in await RowsAsync(database.Journal, partition))
                wakes.Add(row.Customer, row.NextWakeMs);
        }

        return wakes;
    }

    private static async Task<SnapshotRow[]> RowsAsync(IJournal journal, int partition)
    {
        var rows = await journal.ReadSnapshotsAfterAsync(partition, "", 10_000, CancellationToken.None);
        Assert.All(rows, row => Assert.Equal(row.NextWakeMs, SnapshotCodec.Decode(row.State).NextWakeMs));
        return rows;
    }
}
