using System.Collections.Concurrent;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Program;

/// <summary>
/// The programs in force, by the journal entry that published them. Immutable, so a process keeps each once, whoever asks; and reads each
/// once, however many ask at the same time: after a restart that is every customer of a replay.
/// </summary>
public sealed class ProgramCatalog(IJournal journal)
{
    private const int ProgramsMax = 1_000;

    private readonly ConcurrentDictionary<(int Partition, long Offset), Lazy<Task<ProgramDocument>>> _programs = new();

    /// <param name="offset">Where the publication stands; -1 for the default program.</param>
    public ValueTask<ProgramDocument> GetAsync(int partition, long offset)
    {
        if (offset < 0)
            return ValueTask.FromResult(ProgramDocument.Default);
        if (_programs.Count >= ProgramsMax)
            _programs.Clear();
        return new ValueTask<ProgramDocument>(
            _programs.GetOrAdd((partition, offset), at => new Lazy<Task<ProgramDocument>>(() => LoadAsync(at.Partition, at.Offset))).Value);
    }

    // Goes on outside of the grain that happened to ask first: others wait for it, and that one may be gone by then.
    private Task<ProgramDocument> LoadAsync(int partition, long offset) => journal.ReadAtAsync(partition, [offset], CancellationToken.None)
        .ContinueWith(
            read => ParseAsync(read, partition, offset),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default)
        .Unwrap();

    private async Task<ProgramDocument> ParseAsync(Task<Entry?[]> read, int partition, long offset)
    {
        try
        {
            var entry = (await read)[0] ?? throw new InvalidOperationException($"The journal has no program at {partition}-{offset}.");
            return ProgramPublication.Parse(entry.Payload).Document;
        }
        catch
        {
            // The next who asks tries again.
            _programs.TryRemove((partition, offset), out _);
            throw;
        }
    }
}
