namespace OrleansCrm.Journal.Sqlite;

/// <summary>The files of a data directory and who may read them.</summary>
internal sealed class DataFiles(string directory)
{
    public const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute;

    public string Directory => directory;

    public string Database { get; } = Path.Combine(directory, "journal.db");

    public string WriteAheadLog => Database + "-wal";

    /// <summary>Where a database is made before it takes its place.</summary>
    public string NewDatabase => Database + ".new";

    public void CreateDirectory()
    {
        if (OperatingSystem.IsWindows())
            System.IO.Directory.CreateDirectory(directory);
        else if (!System.IO.Directory.Exists(directory))
            System.IO.Directory.CreateDirectory(directory, DirectoryMode);
    }

    /// <summary>
    /// Opens a file for this process alone, or makes it so that nobody else can read it. SQLite gives its log and shared memory the mode
    /// of the database.
    /// </summary>
    public static FileStream OpenOwn(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = System.IO.FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = FileMode;
        return new FileStream(path, options);
    }

    /// <summary>Takes rights away that a copy or a restore has given.</summary>
    public void Tighten()
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (var path in new[] { Database, WriteAheadLog, Database + "-shm" })
        {
            if (File.Exists(path) && File.GetUnixFileMode(path) != FileMode)
                File.SetUnixFileMode(path, FileMode);
        }
    }
}
