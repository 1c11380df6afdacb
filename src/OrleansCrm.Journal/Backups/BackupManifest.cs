using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace OrleansCrm.Journal.Backups;

/// <summary>What a backup is: the last file that is written, so a backup without it is none.</summary>
/// <param name="Format">Of this file and its neighbours; rises with each change.</param>
/// <param name="Database"><c>sqlite</c> or <c>postgres</c>: what it can be restored into.</param>
/// <param name="Taken">The instant that it shows the database at, to the moment.</param>
/// <param name="Schema">Version of the tables.</param>
/// <param name="Heads">Of each partition: how many entries it has.</param>
public sealed record BackupManifest(
    int Format, string Database, DateTimeOffset Taken, Guid DatabaseId, int Schema, int Partitions, long[] Heads, BackupFile[] Files)
{
    public const int FormatNow = 1;
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    private const string FileName = "backup.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>SHA-256 over the names and digests of all files; lower-case hex. Two backups with one digest hold the same bytes.</summary>
    public string Digest => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(Files.Select(file => $"{file.Name} {file.Sha256}\n")))));

    public long Entries => Heads.Sum();

    public long Bytes => Files.Sum(file => file.Bytes);

    /// <exception cref="JournalOpenException">There is no backup, or one of a newer program.</exception>
    public static BackupManifest Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
            throw new JournalOpenException($"There is no backup in '{directory}': a whole one has a file {FileName}.");
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Json);
        }
        catch (JsonException error)
        {
            throw new JournalOpenException($"'{path}' cannot be read: {error.Message}", error);
        }

        return manifest is { Format: FormatNow }
            ? manifest
            : throw new JournalOpenException($"The backup in '{directory}' has format {manifest?.Format}, this program knows {FormatNow}.");
    }

    internal void Write(string directory)
    {
        var path = Path.Combine(directory, FileName);
        using (var file = BackupFiles.Create(path + ".new"))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, Json));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path);
    }
}

/// <param name="Columns">Of a PostgreSQL table, in the order in which they were copied; else empty.</param>
public sealed record BackupFile(string Name, long Bytes, string Sha256, string[] Columns);
