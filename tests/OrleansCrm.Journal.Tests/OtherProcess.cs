using System.Diagnostics;
using System.Globalization;

namespace OrleansCrm.Journal.Tests;

/// <summary><c>Program.cs</c> of this assembly as a process of its own, to be killed.</summary>
internal static class OtherProcess
{
    /// <param name="what"><c>hold</c> or <c>append</c>.</param>
    /// <param name="database">A data directory or a connection string.</param>
    public static Process Start(string what, string database)
    {
        // The test host runs under the dotnet command or, in some runners, under a host of its own.
        var self = Environment.ProcessPath ?? "";
        var dotnet = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
        var start = new ProcessStartInfo(dotnet) { RedirectStandardOutput = true };
        foreach (var argument in new[] { typeof(OtherProcess).Assembly.Location, what, database })
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Lets it append and kills it after so many lines.</summary>
    /// <returns>The newest acknowledged offset of each partition.</returns>
    public static async Task<Dictionary<int, long>> AppendAndKillAsync(string database, int killAfterLines)
    {
        var acknowledged = new Dictionary<int, long>();
        using var writer = Start("append", database);
        for (var lines = 0; await writer.StandardOutput.ReadLineAsync() is { } line; lines++)
        {
            if (lines == killAfterLines)
                writer.Kill(); // what it had written before still comes through
            if (line.Split('-') is [var partition, var offset] && long.TryParse(offset, CultureInfo.InvariantCulture, out var last))
                acknowledged[int.Parse(partition, CultureInfo.InvariantCulture)] = last;
        }

        await writer.WaitForExitAsync();
        Assert.NotEmpty(acknowledged);
        return acknowledged;
    }

    /// <summary>Every acknowledged entry is there, whole, and nothing is missing before it.</summary>
    public static async Task CheckAsync(IJournal journal, Dictionary<int, long> acknowledged)
    {
        foreach (var (partition, last) in acknowledged)
        {
            var entries = await Rows.ReadAllAsync(journal, partition);
            Assert.True(entries.Count > last, $"{entries.Count} entries, {last} acknowledged");
            Assert.Equal(Rows.Describe(Rows.Entries(partition, 0, entries.Count)), Rows.Describe(entries));
        }
    }
}
