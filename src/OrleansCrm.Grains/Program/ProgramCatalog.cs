using System.Collections.Concurrent;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Program;

/// <summary>
/// The programs in force, by the journal entry that published them. Immutable, so a process keeps each once, whoever asks.
/// </summary>
public sealed class ProgramCatalog(IJournal journal)
{
    private const int ProgramsMax = 1_000;

    private readonly ConcurrentDictionary<(int Partition, long Offset), ProgramDocument> _programs = new();

    /// <param name="offset">Where the publication stands; -1 for the default program.</param>
    public ValueTask<ProgramDocument> GetAsync(int partition, long offset)
    {
        if (offset < 0)
            return ValueTask.FromResult(ProgramDocument.Default);
        return _programs.TryGetValue((partition, offset), out var program)
            ? ValueTask.FromResult(program)
            : new ValueTask<ProgramDocument>(LoadAsync(partition, offset));
    }

    private async Task<ProgramDocument> LoadAsync(int partition, long offset)
    {
        var entries = await journal.ReadAtAsync(partition, [offset], CancellationToken.None);
        var entry = entries[0] ?? throw new InvalidOperationException($"The journal has no program at {partition}-{offset}.");
        var program = ProgramPublication.Parse(entry.Payload).Document;
        if (_programs.Count >= ProgramsMax)
            _programs.Clear();
        return _programs.GetOrAdd((partition, offset), program);
    }
}
