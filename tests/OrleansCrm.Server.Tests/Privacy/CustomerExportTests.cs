using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Privacy;

namespace OrleansCrm.Server.Tests.Privacy;

/// <summary>An export on its way, page by page.</summary>
public sealed class CustomerExportTests
{
    private static readonly CustomerKey Ada = CustomerKey.Parse("default/user:ada");

    private readonly MemoryStream _sent = new();
    private readonly DefaultHttpContext _context = new();
    private readonly Connection _connection = new();

    public CustomerExportTests()
    {
        _context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(_sent));
        _context.Features.Set<IHttpRequestLifetimeFeature>(_connection);
        _context.Features.Set<IHttpResponseFeature>(new Response(_sent));
    }

    [Fact]
    public async Task Each_page_is_sent_before_the_next_is_read()
    {
        var sent = new List<long>();

        await WriteAsync(page =>
        {
            sent.Add(_sent.Length);
            return Page(page, hasMore: page < 3);
        });

        Assert.Equal(4, sent.Count);
        Assert.All(sent.Zip(sent.Skip(1)), pair => Assert.True(pair.First > 0 && pair.Second > pair.First));
        Assert.EndsWith("]}],\"refused\":[]}", Encoding.UTF8.GetString(_sent.ToArray()));
        Assert.False(_connection.IsAborted);
    }

    [Fact]
    public async Task Failure_midway_ends_the_connection_and_nothing_stands_behind_the_part()
    {
        await WriteAsync(page => page < 2 ? Page(page, hasMore: true) : throw new TimeoutException());

        Assert.True(_connection.IsAborted);
        Assert.DoesNotContain("unavailable", Encoding.UTF8.GetString(_sent.ToArray()));
    }

    private async Task WriteAsync(Func<int, TimelineResponse> page)
    {
        var partition = Partition.Of(page);
        await CustomerLookup.AnswerFirstAsync(
            _context, [Ada], key => new CustomerExport(_context, _ => partition, DispatchProxy.Create<IQuarantineStore, NothingRefused>(), TimeProvider.System).WriteAsync(key, () => Task.CompletedTask));
        await _context.Response.CompleteAsync();
    }

    private static TimelineResponse Page(int page, bool hasMore) => new(
        LookupStatus.Found, [new Entry(0, 100 - page, Ada.ToString(), Guid.Empty, EntryTypes.Track, 1, 1, "{}"u8.ToArray())], hasMore, []);

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public bool IsAborted { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsAborted = true;
    }

    private sealed class Response(MemoryStream sent) : HttpResponseFeature
    {
        public override bool HasStarted => sent.Length > 0;
    }

    public class NothingRefused : DispatchProxy
    {
        protected override object Invoke(MethodInfo? method, object?[]? args) => method!.Name == nameof(IQuarantineStore.ReadAsync)
            ? Task.FromResult(Array.Empty<QuarantineRow>())
            : throw new NotSupportedException();
    }

    /// <summary>A partition that knows one customer, whose pages are made up.</summary>
    public class Partition : DispatchProxy
    {
        private Func<int, TimelineResponse> _page = null!;
        private int _pages;

        public static IPartitionGrain Of(Func<int, TimelineResponse> page)
        {
            var grain = Create<IPartitionGrain, Partition>();
            ((Partition)(object)grain)._page = page;
            return grain;
        }

        protected override object Invoke(MethodInfo? method, object?[]? args) => method!.Name switch
        {
            nameof(IPartitionGrain.LookupAsync) =>
                Task.FromResult(new LookupResponse(LookupStatus.Found, 1, 1, """{"profile":{"identities":[]}}"""u8.ToArray())),
            nameof(IPartitionGrain.TimelineAsync) => Task.FromResult(_page(_pages++)),
            _ => throw new NotSupportedException(),
        };
    }
}
