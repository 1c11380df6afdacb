using System.Globalization;

namespace OrleansCrm.Server.Archives;

/// <summary>What is asked about lies before what the journal still has.</summary>
/// <param name="reachesBackToMs">The earliest instant that can be asked about, Unix milliseconds.</param>
internal sealed class HistoryArchivedException(long reachesBackToMs) : Exception(
    "Entries from before "
    + DateTimeOffset.FromUnixTimeMilliseconds(reachesBackToMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
    + " were moved to an archive.")
{
    public long ReachesBackToMs => reachesBackToMs;
}
