using System.Diagnostics;

namespace OrleansCrm.Breaking.Tests;

/// <summary>A file system in memory, small enough to be filled. Only root may mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Size = "384m";

    /// <summary>What the ballast leaves: a few commits more.</summary>
    private const long Rest = 256 * 1024;
    private const int AttemptsMax = 100;

    private SmallDisk(string directory) => Directory = directory;

    public string Directory { get; }

    private string Ballast => Path.Combine(Directory, "ballast");

    /// <returns>Null where it cannot be had.</returns>
    public static async Task<SmallDisk?> TryMountAsync()
    {
        if (Environment.UserName != "root")
            return null;
        var directory = System.IO.Directory.CreateTempSubdirectory("orleanscrm-disk-").FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={Size},mode=0700", "orleanscrm-test", directory))
            return new SmallDisk(directory);
        System.IO.Directory.Delete(directory);
        return null;
    }

    public void Fill()
    {
        for (var attempt = 0; !TryFill(); attempt++)
            Assert.True(attempt < AttemptsMax, "The disk does not hold still.");
    }

    public void Clear() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", Directory);
        System.IO.Directory.Delete(Directory);
    }

    /// <returns>False when somebody else took room at the same time.</returns>
    private bool TryFill()
    {
        var room = new DriveInfo(Directory).AvailableFreeSpace - Rest;
        try
        {
            using var ballast = new FileStream(
                Ballast, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = Math.Max(0, room) });
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
