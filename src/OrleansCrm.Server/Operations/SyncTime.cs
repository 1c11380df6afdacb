namespace OrleansCrm.Server.Operations;

/// <summary>How long a small write takes until it is on the disk.</summary>
internal static class SyncTime
{
    private const int Writes = 15;
    private const int WriteBytes = 4096;

    /// <returns>The median; null when the directory cannot be written.</returns>
    public static TimeSpan? Measure(string directory, TimeProvider time)
    {
        var path = Path.Combine(directory, "doctor." + Environment.ProcessId);
        try
        {
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
            var took = new TimeSpan[Writes];
            for (var i = 0; i < Writes; i++)
            {
                var began = time.GetTimestamp();
                file.Write(new byte[WriteBytes]);
                file.Flush(flushToDisk: true);
                took[i] = time.GetElapsedTime(began);
            }

            Array.Sort(took);
            return took[Writes / 2];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
