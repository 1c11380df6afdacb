namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Remembers for this process when the journal last failed a partition: the activation that knew has given up, and the next one may have
/// taken over at once where only larger writes fail, as on a full disk.
/// </summary>
public sealed class JournalWatch(PartitionOptions options, TimeProvider time)
{
    private long _failedAt;
    private volatile bool _hasFailed;

    /// <summary>Whether it failed a moment ago. Later on the partitions say themselves whether they could take over again.</summary>
    public bool IsFailing => _hasFailed && time.GetElapsedTime(Volatile.Read(ref _failedAt)) < options.JournalTrust;

    public void Failed()
    {
        Volatile.Write(ref _failedAt, time.GetTimestamp());
        _hasFailed = true;
    }
}
