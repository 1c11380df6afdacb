using System.Reflection;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Grains.Program;
using OrleansCrm.Journal;

namespace OrleansCrm.Grains.Tests;

public sealed class ProgramCatalogTests
{
    [Fact]
    public async Task Program_is_read_once_however_many_ask_at_the_same_time()
    {
        var journal = DispatchProxy.Create<IJournal, OneReadAtATime>();
        var reads = (OneReadAtATime)(object)journal;
        var catalog = new ProgramCatalog(journal);

        var asked = Enumerable.Range(0, 1_000).Select(_ => catalog.GetAsync(3, 7).AsTask()).ToArray();
        reads.Answer([new Entry(3, 7, "", Guid.Empty, EntryTypes.ProgramPublished, 0, 0, new ProgramPublication("acme", ProgramDocument.Default).ToPayload())]);

        Assert.Single((await Task.WhenAll(asked)).Distinct());
        Assert.Equal(1, reads.Count);
    }

    [Fact]
    public async Task Read_that_failed_is_tried_again()
    {
        var journal = DispatchProxy.Create<IJournal, OneReadAtATime>();
        var reads = (OneReadAtATime)(object)journal;
        var catalog = new ProgramCatalog(journal);

        var failed = catalog.GetAsync(3, 7).AsTask();
        reads.Fail(new JournalUnavailableException("away"));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => failed);
        var again = catalog.GetAsync(3, 7).AsTask();
        reads.Answer([new Entry(3, 7, "", Guid.Empty, EntryTypes.ProgramPublished, 0, 0, new ProgramPublication("acme", ProgramDocument.Default).ToPayload())]);

        await again;
        Assert.Equal(2, reads.Count);
    }

    public class OneReadAtATime : DispatchProxy
    {
        private TaskCompletionSource<Entry?[]> _read = new();

        public int Count { get; private set; }

        public void Answer(Entry?[] entries) => _read.SetResult(entries);

        public void Fail(Exception exception)
        {
            var read = _read;
            _read = new TaskCompletionSource<Entry?[]>();
            read.SetException(exception);
        }

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Count++;
            return _read.Task;
        }
    }
}
