using System.Globalization;
using System.IO.Compression;
using OrleansCrm.Server.Import;
using OrleansCrm.TestSupport;

namespace OrleansCrm.Server.Tests.Import;

/// <summary>The published data set itself, where somebody has it.</summary>
public sealed class SharedFileTests
{
    [SharedDataFact("online-retail-to-2011-06-09.csv.gz")]
    public async Task Real_file_gives_what_a_plain_count_gives()
    {
        var path = Path.Combine(SharedDataFactAttribute.Folder!, "online-retail-to-2011-06-09.csv.gz");
        using var file = new TempFile(await File.ReadAllBytesAsync(path));
        using var trial = new Trial();
        var expected = Count(path);

        var (code, output) = await trial.ImportAsync(file, ImportFormat.OnlineRetail);

        Assert.True(code == 0, output);
        Assert.Equal(221_824, Trial.Number(output, "lines"));
        Assert.Equal(0, Trial.Number(output, "bad rows"));
        Assert.Equal(expected, await trial.TotalsAsync(expected.Keys, "GBP"));
        await trial.DigestAsync();
    }

    // A reader of its own: the file has quotes, and no line break inside of them.
    private static SortedDictionary<string, (int Orders, decimal Revenue)> Count(string path)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var rows = new List<RetailRow>();
        text.ReadLine();
        while (text.ReadLine() is { } line)
        {
            // Number and code stand before the description, the rest can be counted from the end.
            var fields = line.Split(',');
            var rest = fields[^5..];
            rows.Add(new RetailRow(fields[0], fields[1], "", rest[0], rest[1], rest[2], rest[3]));
        }

        return RetailRow.Count(rows);
    }
}
