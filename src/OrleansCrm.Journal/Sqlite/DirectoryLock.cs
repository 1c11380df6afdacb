using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace OrleansCrm.Journal.Sqlite;

/// <summary>
/// Keeps every other process out of a data directory. The operating system holds the lock for the open file, so it ends with the process,
/// however that ends, and nobody ever has to remove a stale one. A second file says who holds it; it is for people alone.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const int LockExclusive = 2;
    private const int LockWithoutWaiting = 4;

    // What the operating systems call "held by another": EWOULDBLOCK of Linux and of macOS, and a sharing violation.
    private static readonly int[] HeldCodes = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <exception cref="JournalOpenException">Another process holds the directory; the message names it.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        var holder = Path.Combine(directory, "lock.holder");
        FileStream file;
        try
        {
            file = DataFiles.OpenOwn(Path.Combine(directory, "lock"));
        }
        catch (IOException error) when (HeldCodes.Contains(error.HResult))
        {
            throw Held(directory, holder, error);
        }

        try
        {
            // .NET has taken this very lock, unless it was told from outside not to lock files; ours must hold in any case.
            if (!OperatingSystem.IsWindows() && flock(file.SafeFileHandle, LockExclusive | LockWithoutWaiting) != 0)
            {
                var code = Marshal.GetLastPInvokeError();
                throw HeldCodes.Contains(code)
                    ? Held(directory, holder, null)
                    : new JournalOpenException($"'{directory}' cannot be locked: {Marshal.GetPInvokeErrorMessage(code)}.");
            }

            using var note = DataFiles.OpenOwn(holder);
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            note.SetLength(0);
            var started = self.StartTime.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            note.Write(Encoding.ASCII.GetBytes($"process {self.Id}, started {started}"));
            return new DirectoryLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static JournalOpenException Held(string directory, string holder, IOException? error)
    {
        // The holder may be between taking the lock and saying so.
        var name = File.Exists(holder) && File.ReadAllText(holder) is { Length: > 0 } text ? text : "another process";
        return new JournalOpenException($"The data directory '{directory}' is held by {name}. Stop that process first.", error) { IsHeld = true };
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int flock(SafeFileHandle file, int operation);
}
