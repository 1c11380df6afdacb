using System.Security.Cryptography;
using System.Text;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;
using OrleansCrm.Server.Archives;

namespace OrleansCrm.Server.Verification;

/// <summary>Folds the whole journal again and compares it with what is stored. Reads only, in short transactions.</summary>
internal sealed class Verifier(IJournal journal, string[] tenants, VerifyOptions options, ArchiveFolder? archive = null)
{
    private const int RepeatsMax = 5;

    private readonly List<(string Key, byte[] Hash)> _described = [];

    public Findings Findings { get; } = new(options.DifferencesShown);

    /// <summary>SHA-256 over what the business means by every customer at the journal's head, in ordinal order of keys; lower-case hex.</summary>
    /// <remarks>Independent of offsets, batches, restarts and the number of partitions.</remarks>
    public string Digest { get; private set; } = "";

    /// <exception cref="JournalException">The database cannot be read, or is damaged.</exception>
    /// <exception cref="InvalidDataException">The journal is not whole.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (archive is not null)
            await CheckArchiveAsync(cancellation);
        await SumsCheck.CompareAsync(journal, tenants, Findings, cancellation);
        var desks = await DeskCheck.ReadAsync(journal, await FindDesksAsync(journal, tenants, cancellation), Findings, cancellation);
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            var passes = 1 + await CountRowsAsync(journal, partition, cancellation) / options.CustomersPerPassMax;
            for (var pass = 0; pass < passes; pass++)
                await FoldAsync(partition, pass, passes, desks, cancellation);
        }

        desks.Compare(Findings);
        Digest = DigestOf();
    }

    private async Task FoldAsync(int partition, int pass, int passes, DeskCheck desks, CancellationToken cancellation)
    {
        // Anew when a running server has put an entry aside meanwhile; it does so rarely, so a few times are enough.
        var found = new Findings(options.DifferencesShown);
        var fold = new PartitionFold(journal, partition, pass, passes, desks, found, archive);
        for (var repeats = 0; !await fold.RunAsync(cancellation); repeats++)
        {
            if (repeats == RepeatsMax)
                throw new InvalidDataException($"entries of partition {partition} are put aside faster than they can be verified");
            found = new Findings(options.DifferencesShown);
            fold = new PartitionFold(journal, partition, pass, passes, desks, found, archive);
        }

        Findings.Add(found);
        foreach (var customer in fold.Customers.Where(c => c.State.Remains is null))
            _described.Add((customer.Key, SHA256.HashData(BusinessDigest.Describe(customer.State, customer.Program))));
    }

    /// <summary>The desks that the programs of every tenant have ever named.</summary>
    public static async Task<string[]> FindDesksAsync(IJournal journal, string[] tenants, CancellationToken cancellation)
    {
        var desks = new SortedSet<string>(DesksOf(ProgramDocument.Default, tenants), StringComparer.Ordinal);
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            foreach (var publication in new WideList(await journal.ReadWideAsync(partition, cancellation)).Publications)
                desks.UnionWith(DesksOf(publication.Document, [publication.Tenant]));
        }

        return [.. desks];
    }

    /// <summary>Every file that the journal names is there and what it was.</summary>
    private async Task CheckArchiveAsync(CancellationToken cancellation)
    {
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            foreach (var note in CompactionNote.Of(await journal.ReadWideAsync(partition, cancellation)))
            {
                if (!archive!.Digests.TryGetValue(note.File, out var sha256))
                    Findings.Differ($"archive file {note.File} of {note.Entries} entries is not there");
                else if (sha256 != note.Sha256)
                    Findings.Differ($"archive file {note.File} is not the one that was written");
            }
        }
    }

    private static IEnumerable<string> DesksOf(ProgramDocument program, IEnumerable<string> tenants) =>
        tenants.SelectMany(tenant => program.Alerts.Desks.Select(desk => $"{tenant}/{desk}"));

    /// <summary>Customers of the partition that have a snapshot.</summary>
    public static async Task<int> CountRowsAsync(IJournal journal, int partition, CancellationToken cancellation)
    {
        var count = 0;
        var after = "";
        while (await journal.ReadSnapshotsAfterAsync(partition, after, 1_000, cancellation) is { Length: > 0 } rows)
        {
            count += rows.Length;
            after = rows[^1].Customer;
        }

        return count;
    }

    private string DigestOf()
    {
        _described.Sort((x, y) => string.CompareOrdinal(x.Key, y.Key));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (key, described) in _described)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(key));
            hash.AppendData([0]);
            hash.AppendData(described);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
