using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;
using OrleansCrm.Journal.Backups;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Backups;

/// <summary>
/// Who was erased, by keyed hash alone: it names nobody to whoever has no backup of the same database. So it can be copied away far more often
/// than a backup, and a restore can forget again whom the database had forgotten.
/// </summary>
internal sealed record ErasureList(Guid DatabaseId, ListedErasure[] Erased)
{
    public const string FileName = "erasures.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static async Task<ErasureList> ReadAsync(IJournal journal, CancellationToken cancellation)
    {
        var erased = new List<ListedErasure>();
        for (var partition = 0; partition < journal.Identity.Partitions; partition++)
        {
            // Of one that is under way the row still has the customer's own key.
            foreach (var row in await journal.ReadErasuresAsync(partition, cancellation))
                erased.Add(new ListedErasure(partition, row.Hash, CustomerKey.Erased(CustomerKey.Parse(row.Customer).Tenant, partition, row.Hash).ToString(), row.RequestedMs));
        }

        return new ErasureList(journal.Identity.DatabaseId, [.. erased]);
    }

    /// <param name="source">A list, a backup that has one, or the data directory of a database.</param>
    /// <exception cref="JournalOpenException">It is none of them.</exception>
    public static async Task<ErasureList> FindAsync(string source, CancellationToken cancellation)
    {
        var file = Directory.Exists(source) ? Path.Combine(source, FileName) : source;
        if (File.Exists(file))
        {
            try
            {
                return JsonSerializer.Deserialize<ErasureList>(await File.ReadAllBytesAsync(file, cancellation), Json)
                    ?? throw new JournalOpenException($"'{file}' is no list of erasures.");
            }
            catch (JsonException)
            {
                throw new JournalOpenException($"'{file}' is no list of erasures.");
            }
        }

        await using var database = await ReadOnlyDatabase.OpenAsync(source, null, cancellation);
        return await ReadAsync(database.Journal, cancellation);
    }

    /// <summary>Takes the place of what is there in one step, so that a copy job never meets half a list.</summary>
    public void Write(string path)
    {
        File.Delete(path + ".new");
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(path + ".new", create))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, Json));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <param name="Tombstone">Key of what stands in the customer's place: tenant, partition and hash.</param>
internal sealed record ListedErasure(int Partition, string Hash, string Tombstone, long RequestedMs);
