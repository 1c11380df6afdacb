namespace OrleansCrm.Server.Import;

/// <summary>
/// Sorts any number of lines by time with bounded memory: runs of <see cref="RunBytes"/> are sorted in memory and spilled to temporary
/// files, then merged. Lines of one instant keep the order of the file.
/// </summary>
internal static class EventSort
{
    /// <summary>How much of the lines is held at a time; a million events of 300 bytes make five runs.</summary>
    public const long RunBytes = 64 * 1024 * 1024;

    public static IEnumerable<EventLine> ByTime(IEnumerable<EventLine> lines, long runBytes = RunBytes)
    {
        var runs = new List<FileStream>();
        try
        {
            var run = new List<EventLine>();
            long bytes = 0;
            foreach (var line in lines)
            {
                run.Add(line);
                bytes += line.Json.Length;
                if (bytes < runBytes)
                    continue;
                runs.Add(Spill(run));
                run.Clear();
                bytes = 0;
            }

            run.Sort(Compare);
            foreach (var line in runs.Count == 0 ? run : Merge(runs, run))
                yield return line;
        }
        finally
        {
            foreach (var file in runs)
                file.Dispose();
        }
    }

    private static IEnumerable<EventLine> Merge(List<FileStream> runs, List<EventLine> last)
    {
        var heads = new PriorityQueue<IEnumerator<EventLine>, (long, long)>();
        foreach (var run in runs.Select(ReadBack).Append(last))
        {
            var lines = run.GetEnumerator();
            if (lines.MoveNext())
                heads.Enqueue(lines, (lines.Current.TimeMs, lines.Current.Number));
        }

        while (heads.TryDequeue(out var lines, out _))
        {
            yield return lines.Current;
            if (lines.MoveNext())
                heads.Enqueue(lines, (lines.Current.TimeMs, lines.Current.Number));
        }
    }

    // The system removes the file with its handle, also when this process is killed.
    private static FileStream Spill(List<EventLine> run)
    {
        run.Sort(Compare);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 1 << 16,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        using var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true);
        foreach (var line in run)
        {
            writer.Write(line.TimeMs);
            writer.Write(line.Number);
            writer.Write(line.Json.Length);
            writer.Write(line.Json);
        }

        return file;
    }

    private static IEnumerable<EventLine> ReadBack(FileStream file)
    {
        file.Position = 0;
        using var reader = new BinaryReader(file, System.Text.Encoding.UTF8, leaveOpen: true);
        while (file.Position < file.Length)
            yield return new EventLine(reader.ReadInt64(), reader.ReadInt64(), reader.ReadBytes(reader.ReadInt32()));
    }

    private static int Compare(EventLine left, EventLine right) =>
        (left.TimeMs, left.Number).CompareTo((right.TimeMs, right.Number));
}
