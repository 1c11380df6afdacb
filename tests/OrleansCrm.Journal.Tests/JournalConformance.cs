namespace OrleansCrm.Journal.Tests;

/// <summary>What every database must do. A class per database inherits all of it and says how to make a fresh journal.</summary>
public abstract partial class JournalConformance : IAsyncLifetime
{
    protected const int Partitions = 4;

    private static readonly CancellationToken None = CancellationToken.None;

    private JournalUnderTest _test = null!;

    private IJournal Journal => _test.Journal;

    public async Task InitializeAsync() => _test = await CreateAsync(Partitions);

    public async Task DisposeAsync() => await _test.DisposeAsync();

    protected abstract Task<JournalUnderTest> CreateAsync(int partitions);

    private async Task<long> OwnAsync(int partition) => (await Journal.TakeOverAsync(partition, None)).Epoch;
}
