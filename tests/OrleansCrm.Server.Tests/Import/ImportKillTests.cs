using System.Diagnostics;
using OrleansCrm.Server.Import;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Import;

public sealed class ImportKillTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Import_that_was_killed_goes_on_and_gives_the_digest_of_an_unbroken_one()
    {
        using var file = Histories.Simulated();
        using var unbroken = new Trial();
        using var killed = new Trial();
        await unbroken.ImportAsync(file, ImportFormat.Events);

        foreach (var customers in (int[])[20, 50, 80])
        {
            // Slow enough that it is far from its end when the other process has seen so many of the 200.
            var start = ServerProcess.StartInfo("import", file.Path, "--format", "events", "--data", killed.Data, "--rate", "150", "--batch-size", "50");
            using var import = Process.Start(start)!;
            await UntilAsync(killed, customers);
            Assert.False(import.HasExited);
            import.Kill();
            await import.WaitForExitAsync();
        }

        var (code, output) = await killed.ImportAsync(file, ImportFormat.Events);

        Assert.True(code == 0, output);
        Assert.InRange(Trial.Number(output, "duplicates"), 1, long.MaxValue);
        Assert.InRange(Trial.Number(output, "applied"), 1, long.MaxValue);
        Assert.Equal(await unbroken.DigestAsync(), await killed.DigestAsync());
    }

    // Verified beside the importing process: it is equal at every moment.
    private static async Task UntilAsync(Trial trial, int customers)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            var (code, output) = await trial.VerifyAsync();
            if (code == 0 && Trial.Number(output, "customers") >= customers)
                return;
            Assert.True(code == 0 || !output.Contains("differ", StringComparison.Ordinal), output);
            Assert.True(started.Elapsed < Deadline, output);
            await Task.Delay(20);
        }
    }
}
