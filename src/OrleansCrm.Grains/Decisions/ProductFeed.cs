using System.Threading.Channels;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Grains.Decisions;

/// <summary>
/// Passes what this process has committed on to whoever learns from it, one call per commit. Whoever is slow misses some: what is learned
/// are frequencies, and no commit may wait for them.
/// </summary>
public sealed class ProductFeed
{
    /// <summary>
    /// Entries that may wait, a little more than one commit has. What waits longer than the reader needs for so many would be old for the
    /// collector when it is read, and then lie dead in memory for long.
    /// </summary>
    private const int EntriesMax = 5_000;

    private readonly Channel<Entry[]> _commits = Channel.CreateUnbounded<Entry[]>(new UnboundedChannelOptions { SingleReader = true });
    private volatile bool _isOpen;
    private int _waiting;
    private long _missed;

    /// <summary>Entries that were not passed on.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>From here on commits are kept for the reader.</summary>
    public void Open() => _isOpen = true;

    public void Offer(Entry[] entries)
    {
        if (!_isOpen)
            return;
        if (Volatile.Read(ref _waiting) + entries.Length > EntriesMax)
        {
            Interlocked.Add(ref _missed, entries.Length);
            return;
        }

        Interlocked.Add(ref _waiting, entries.Length);
        _commits.Writer.TryWrite(entries);
    }

    public bool TryTake(out Entry[] entries)
    {
        if (!_commits.Reader.TryRead(out entries!))
            return false;
        Interlocked.Add(ref _waiting, -entries.Length);
        return true;
    }

    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _commits.Reader.WaitToReadAsync(cancellation);
}
