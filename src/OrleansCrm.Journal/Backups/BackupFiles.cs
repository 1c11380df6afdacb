using System.Security.Cryptography;

namespace OrleansCrm.Journal.Backups;

/// <summary>Files of a backup: nobody but the owner reads them, and every byte goes into a digest.</summary>
internal static class BackupFiles
{
    private const int ChunkBytes = 256 * 1024;

    public static void CreateDirectory(string directory)
    {
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new JournalOpenException($"'{directory}' is not empty. A backup is made in a directory of its own.");
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    /// <summary>Copies to the end.</summary>
    public static async Task<(long Bytes, string Sha256)> CopyAsync(Stream from, Stream? to, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var chunk = new byte[ChunkBytes];
        var bytes = 0L;
        int read;
        while ((read = await from.ReadAsync(chunk, cancellation).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(chunk, 0, read);
            if (to is not null)
                await to.WriteAsync(chunk.AsMemory(0, read), cancellation).ConfigureAwait(false);
            bytes += read;
        }

        return (bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Copies a file of a backup to where it is restored.</summary>
    /// <exception cref="JournalCorruptException">It is not what was backed up. What was copied of it must not be used.</exception>
    public static async Task RestoreAsync(string directory, BackupFile file, Stream to, CancellationToken cancellation)
    {
        var path = Path.Combine(directory, file.Name);
        var from = File.OpenRead(path);
        await using (from.ConfigureAwait(false))
        {
            var (bytes, sha256) = await CopyAsync(from, to, cancellation).ConfigureAwait(false);
            if (bytes != file.Bytes || sha256 != file.Sha256)
                throw new JournalCorruptException($"'{path}' is damaged: it is not what was backed up. Nothing was restored.", -1, -1);
        }
    }
}
