using Microsoft.Extensions.Logging;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// A journal without room has undone the write, so memory is still right: lookups go on being answered, senders are told to come back, and
/// what was to be written is tried again until there is room.
/// </summary>
public sealed partial class PartitionGrain
{
    private static readonly TimeSpan FullToldAgain = TimeSpan.FromMinutes(1);

    private bool _waitsForRoom;
    private long? _foundFullAt;
    private long? _toldFullAt;

    /// <summary>Senders that would send again are told to do that later.</summary>
    private bool IsPutOff => _waitsForRoom || !MayTryForRoom;

    private bool MayTryForRoom => _foundFullAt is not { } at || time.GetElapsedTime(at) >= options.RoomRetry;

    private void NoteFull(JournalFullException exception)
    {
        if (_toldFullAt is not { } told || time.GetElapsedTime(told) >= FullToldAgain)
        {
            LogFull(_partition, exception.Message);
            _toldFullAt = time.GetTimestamp();
        }

        _foundFullAt = time.GetTimestamp();
        watch.Failed();
        TellFlushed();
    }

    private void FoundRoom() => _foundFullAt = null;

    /// <summary>Rests until the commit may be tried again. No apply is under way, so everything quiet goes on.</summary>
    private async Task WaitForRoomAsync(List<EntryTicket> batch)
    {
        foreach (var ticket in batch)
            ticket.PutOff();
        for (var left = _waiting.Count; left > 0; left--)
        {
            var sender = _waiting.Dequeue();
            if (sender.MayBePutOff)
            {
                _waitingEntries -= sender.Entries.Length;
                sender.Abandon();
            }
            else
            {
                _waiting.Enqueue(sender);
            }
        }

        _waitsForRoom = true;
        while (!MayTryForRoom && !_stopping.IsCancellationRequested)
        {
            await _signal.WaitAsync();
            await RunQuietWorkAsync();
        }

        _waitsForRoom = false;
        Signal();
    }

    [LoggerMessage(11, LogLevel.Error, "The journal of partition {Partition} has no room; senders are put off until it has: {Reason}")]
    private partial void LogFull(int partition, string reason);
}
