using System.Text;
using System.Text.RegularExpressions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests.Support;

internal sealed partial class Engine
{
    /// <summary>Erases the customer and waits until it is done.</summary>
    public async Task<EraseResponse> EraseAsync(string customer)
    {
        EraseResponse receipt = EraseResponse.Unavailable;
        await UntilAsync("it is erased", async () => (receipt = await PartitionOf(customer).EraseAsync(customer, isAwaited: true)).Status == EraseStatus.Done);
        return receipt;
    }

    public async Task<Dictionary<string, long>> SumsAsync() => (await Journal.ReadSumsAsync("default", CancellationToken.None)).ToDictionary();

    /// <summary>Whatever the journal gives has none of these words, but for the hashes of the erased, which have any word of such letters at times.</summary>
    public async Task AssertNamelessAsync(params string[] words)
    {
        var said = HexHash().Replace(await SaidAsync(), "");
        Assert.All(words, word => Assert.DoesNotContain(word, said, StringComparison.Ordinal));
    }

    /// <summary>Everything that the journal gives.</summary>
    public async Task<string> SaidAsync()
    {
        var text = new StringBuilder();
        for (var partition = 0; partition < 2; partition++)
        {
            foreach (var entry in await AllAsync(Journal, partition))
                text.AppendLine(entry.Customer).AppendLine(Encoding.UTF8.GetString(entry.Payload));
            foreach (var row in await Journal.ReadSnapshotsAfterAsync(partition, "", 1_000, CancellationToken.None))
                text.AppendLine(row.Customer).AppendLine(Encoding.UTF8.GetString(row.State));
            foreach (var strand in await Journal.ReadStrandsAfterAsync(partition, 0, 10_000, CancellationToken.None))
                text.AppendLine(strand.Customer);
            foreach (var row in await Journal.ReadOutboxAsync(partition, CancellationToken.None))
                text.AppendLine(row.Outgoing.Entry?.Customer).AppendLine(Encoding.UTF8.GetString(row.Outgoing.Entry?.Payload ?? row.Outgoing.Alert));
            foreach (var erasure in await Journal.ReadErasuresAsync(partition, CancellationToken.None))
                text.AppendLine(erasure.Customer);
        }

        foreach (var change in await Journal.ReadDeskChangesAsync("default/default", 0, 1_000, CancellationToken.None))
            text.AppendLine(Encoding.UTF8.GetString(change.Alert));
        return text.ToString();
    }

    public static async Task<List<Entry>> AllAsync(IJournal journal, int partition)
    {
        var all = new List<Entry>();
        while (await journal.ReadAsync(partition, all.Count, 1_000, CancellationToken.None) is { Length: > 0 } page)
            all.AddRange(page);
        return all;
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex HexHash();
}
