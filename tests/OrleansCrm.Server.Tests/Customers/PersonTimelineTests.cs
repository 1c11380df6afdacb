using System.Reflection;
using Orleans;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Server.Customers;

namespace OrleansCrm.Server.Tests.Customers;

/// <summary>The entries of many ids as one list.</summary>
public sealed class PersonTimelineTests
{
    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 1)]
    [InlineData(5, 7)]
    [InlineData(5, 100)]
    [InlineData(30, 50)]
    public async Task Pages_together_are_every_entry_once_newest_first(int ids, int limit)
    {
        var partition = Partition.With(ids, i => i % 3 * 40 + 3);
        var timeline = partition.Timeline();
        var seen = new List<Entry>();
        long[] cursor = [];
        string? next;
        do
        {
            (var status, var items, next, _) = await timeline.ReadAsync(cursor, limit);
            Assert.Equal(LookupStatus.Found, status);
            Assert.Equal(next is null ? Math.Min(limit, items.Length) : limit, items.Length);
            seen.AddRange(items.Select(item => item.Entry));
            cursor = next is null ? [] : PersonTimeline.ReadCursor(next)!;
        }
        while (next is not null);

        Assert.Equal(partition.Entries.Select(e => e.RecordedMs).OrderDescending(), seen.Select(e => e.RecordedMs));
    }

    [Fact]
    public async Task Page_of_a_person_with_many_ids_reads_little_more_than_it_shows()
    {
        var partition = Partition.With(101, _ => 200);

        var (_, items, _, _) = await partition.Timeline().ReadAsync([], 500);

        Assert.Equal(500, items.Length);
        Assert.InRange(partition.Read, 500, 101 * 20 + 500);
    }

    /// <summary>A partition with some entries of each id, recorded by turns.</summary>
    public class Partition : DispatchProxy
    {
        private string[] _keys = [];

        public Entry[] Entries { get; private set; } = [];

        public int Read { get; private set; }

        public static Partition With(int ids, Func<int, int> entriesOf)
        {
            var partition = (Partition)(object)Create<IPartitionGrain, Partition>();
            partition._keys = [.. Enumerable.Range(0, ids).Select(i => $"default/{(i == 0 ? "user" : "anonymous")}:{i}")];
            var offset = 0;
            partition.Entries =
            [
                .. Enumerable.Range(0, ids).SelectMany(i => Enumerable.Range(0, entriesOf(i)).Select(n => (Id: i, Turn: n)))
                    .OrderBy(e => e.Turn).ThenBy(e => e.Id)
                    .Select(e => new Entry(0, offset, partition._keys[e.Id], Guid.Empty, EntryTypes.Page, 1, offset++, [])),
            ];
            return partition;
        }

        internal PersonTimeline Timeline() => new(Grains.Of(this), 1, _keys);

        protected override object Invoke(MethodInfo? method, object?[]? args)
        {
            Assert.Equal(nameof(IPartitionGrain.TimelineAsync), method!.Name);
            var request = (TimelineRequest)args![0]!;
            var older = Entries.Where(e => e.Customer == request.Customer && e.Offset < request.BeforeOffset).Reverse().ToArray();
            var page = older.Take(request.Limit).ToArray();
            Read += page.Length;
            return Task.FromResult(new TimelineResponse(LookupStatus.Found, page, older.Length > page.Length, []));
        }
    }

    public class Grains : DispatchProxy
    {
        private Partition _partition = null!;

        public static IGrainFactory Of(Partition partition)
        {
            var factory = Create<IGrainFactory, Grains>();
            ((Grains)(object)factory)._partition = partition;
            return factory;
        }

        protected override object Invoke(MethodInfo? method, object?[]? args) => _partition;
    }
}
