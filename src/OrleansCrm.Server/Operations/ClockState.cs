using System.Runtime.InteropServices;

namespace OrleansCrm.Server.Operations;

/// <summary>Whether the operating system keeps its clock by others.</summary>
internal static class ClockState
{
    /// <summary>What adjtimex answers for a clock that nobody corrects.</summary>
    private const int TimeError = 5;

    /// <summary>More than struct timex has on any platform.</summary>
    private const int TimexBytes = 1024;

    /// <summary>Null where it cannot be asked.</summary>
    public static bool? IsSynchronised
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return null;
            try
            {
                var state = adjtimex(new byte[TimexBytes]);
                return state < 0 ? null : state != TimeError;
            }
            catch (EntryPointNotFoundException)
            {
                return null;
            }
        }
    }

    // No modes are set: it reads.
    [DllImport("libc")]
    private static extern int adjtimex(byte[] timex);
}
