using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;
using OrleansCrm.Contracts.Desks;
using OrleansCrm.Server.Alerts;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Server.Tests.Alerts;

/// <summary>The relay between a desk that can lose pushes and followers that must not miss a number.</summary>
public sealed class DeskRelayTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly FakeDesk _desk = new();
    private readonly FakeHub _hub = new();

    [Fact]
    public async Task Pushes_that_follow_one_another_are_passed_on()
    {
        _desk.Record(3);
        await using var relay = await StartAsync();

        await relay.ChangedAsync(_desk.Record(2));
        await relay.ChangedAsync(_desk.Record(1));

        await AssertToldAsync(3, 6);
    }

    [Fact]
    public async Task Lost_push_is_asked_for_before_the_next_is_passed_on()
    {
        await using var relay = await StartAsync();

        _desk.Record(2);
        await relay.ChangedAsync(_desk.Record(1));

        Assert.Equal((0, 3, "1,2,3"), await _hub.NextAsync());
    }

    [Fact]
    public async Task Lost_push_without_a_successor_is_found_in_time()
    {
        await using var relay = await StartAsync();

        _desk.Record(2);

        Assert.Equal((0, 2, "1,2"), await _hub.NextAsync());
    }

    [Fact]
    public async Task What_was_passed_on_is_not_passed_on_again()
    {
        await using var relay = await StartAsync();
        var first = _desk.Record(2);
        await relay.ChangedAsync(first);
        await relay.ChangedAsync(first);
        await relay.ChangedAsync(new DeskChanges("default/default", 1, 3, [Change(2), Change(3)]));

        await AssertToldAsync(0, 3);
    }

    [Fact]
    public async Task Gap_that_the_desk_has_forgotten_makes_followers_ask_for_the_list()
    {
        await using var relay = await StartAsync();
        _desk.IsForgetful = true;
        _desk.Record(7);

        await relay.ChangedAsync(_desk.Record(1));

        Assert.Equal((8, 8, ""), await _hub.NextAsync());
    }

    [Fact]
    public async Task Follower_who_stays_away_does_not_stop_the_relay()
    {
        await using var relay = await StartAsync();
        _hub.Sending = new TaskCompletionSource().Task;
        for (var i = 0; i < 100; i++)
            await relay.ChangedAsync(_desk.Record(1));

        await AssertToldAsync(0, 100);
    }

    [Fact]
    public async Task Storm_comes_in_few_frames_and_nothing_is_lost()
    {
        await using var relay = await StartAsync();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 400; i++)
        {
            await relay.ChangedAsync(_desk.Record(1 + i % 10));
            if (i % 100 == 0)
                await Task.Delay(100);
        }

        var frames = await AssertToldAsync(0, _desk.Sequence);

        // Five a second, and one at either end.
        Assert.InRange(frames, 1, 2 + Stopwatch.GetElapsedTime(start).TotalSeconds * 5);
    }

    [Fact]
    public async Task Frame_has_an_end_however_many_changes_came_at_once()
    {
        await using var relay = await StartAsync();
        await relay.ChangedAsync(_desk.Record(2_500));

        Assert.Equal(3, await AssertToldAsync(0, 2_500));
    }

    [Fact]
    public async Task Relays_end_whenever_they_are_told_to()
    {
        for (var round = 0; round < 20; round++)
        {
            var relays = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => StartAsync()));
            var change = _desk.Record(1);
            foreach (var relay in relays.Where((_, i) => i % 3 == 0))
                await relay.ChangedAsync(change);

            await Task.WhenAll(relays.Select(r => Task.Run(() => r.DisposeAsync().AsTask()))).WaitAsync(Timeout);
        }
    }

    /// <summary>Reads messages up to a number and sees that each continues the one before.</summary>
    /// <returns>How many there were.</returns>
    private async Task<int> AssertToldAsync(long from, long to)
    {
        for (var frames = 0; ; frames++)
        {
            if (from == to)
                return frames;
            var (start, end, changes) = await _hub.NextAsync();
            Assert.Equal(from, start);
            Assert.Equal(string.Join(',', Enumerable.Range((int)from + 1, (int)(end - from))), changes);
            from = end;
        }
    }

    private static NumberedAlert Change(long sequence) => new(sequence, JsonSerializer.SerializeToUtf8Bytes(new { id = sequence }));

    private async Task<DeskRelay> StartAsync()
    {
        var relay = new DeskRelay("default/default", FakeFactory.Of(_desk), _hub, new PushOptions(), new PushMeter(NoMeters.Instance), TimeProvider.System, NullLogger.Instance);
        await relay.WhenObserving.WaitAsync(Timeout);
        return relay;
    }

    private sealed class FakeDesk : IDeskGrain
    {
        private readonly Lock _lock = new();
        private readonly List<NumberedAlert> _changes = [];

        public bool IsForgetful { get; set; }

        public long Sequence
        {
            get
            {
                lock (_lock)
                    return _changes.Count;
            }
        }

        public DeskChanges Record(int count)
        {
            lock (_lock)
            {
                var from = _changes.Count;
                _changes.AddRange(Enumerable.Range(from + 1, count).Select(n => Change(n)));
                return new DeskChanges("default/default", from, _changes.Count, [.. _changes.Skip(from)]);
            }
        }

        public Task RecordAsync(int partition, Contracts.Customers.Outgoing[] changes) => throw new NotSupportedException();

        public Task<DeskView> ViewAsync(long afterSequence)
        {
            lock (_lock)
            {
                var resumed = afterSequence >= 0 && (!IsForgetful || afterSequence == _changes.Count);
                return Task.FromResult(new DeskView(_changes.Count, 0, resumed, [], resumed ? [.. _changes.Skip((int)afterSequence)] : []));
            }
        }

        public Task<DeskChanges?> ChangesAsync(long afterSequence) => throw new NotSupportedException();

        public Task ObserveAsync(IDeskObserver observer) => Task.CompletedTask;
    }

    /// <summary>Answers for the few members that the relay uses, whatever else the interface has.</summary>
    private class FakeFactory : DispatchProxy
    {
        private FakeDesk _desk = null!;

        public static IGrainFactory Of(FakeDesk desk)
        {
            var factory = Create<IGrainFactory, FakeFactory>();
            ((FakeFactory)(object)factory)._desk = desk;
            return factory;
        }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments) => method!.Name switch
        {
            nameof(IGrainFactory.GetGrain) => _desk,
            nameof(IGrainFactory.CreateObjectReference) => arguments![0],
            nameof(IGrainFactory.DeleteObjectReference) => null,
            _ => throw new NotSupportedException(method.Name),
        };
    }

    private sealed class FakeHub : IHubContext<AlertsHub>, IHubClients, IClientProxy
    {
        private readonly BlockingCollection<AlertsChangedMessage> _sent = [];

        /// <summary>When sending is done.</summary>
        public Task Sending { get; set; } = Task.CompletedTask;

        public IHubClients Clients => this;

        public IGroupManager Groups => throw new NotSupportedException();

        public IClientProxy All => throw new NotSupportedException();

        /// <summary>The next message as its from, its sequence and the numbers of its changes.</summary>
        public async Task<(long From, long Sequence, string Changes)> NextAsync()
        {
            var message = await Task.Run(() => _sent.TryTake(out var next, Timeout) ? next : throw new TimeoutException("Nothing was sent."));
            return (message.From, message.Sequence, string.Join(',', message.Changes.Select(c => c.Sequence)));
        }

        public Task SendCoreAsync(string method, object?[] args, CancellationToken cancellationToken = default)
        {
            _sent.Add((AlertsChangedMessage)args[0]!, cancellationToken);
            return Sending;
        }

        public IClientProxy Group(string groupName) => groupName == "default/default" ? this : throw new NotSupportedException(groupName);

        public IClientProxy AllExcept(IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

        public IClientProxy Client(string connectionId) => throw new NotSupportedException();

        IClientProxy IHubClients<IClientProxy>.Clients(IReadOnlyList<string> connectionIds) => throw new NotSupportedException();

        IClientProxy IHubClients<IClientProxy>.Groups(IReadOnlyList<string> groupNames) => throw new NotSupportedException();

        public IClientProxy GroupExcept(string groupName, IReadOnlyList<string> excludedConnectionIds) => throw new NotSupportedException();

        public IClientProxy User(string userId) => throw new NotSupportedException();

        public IClientProxy Users(IReadOnlyList<string> userIds) => throw new NotSupportedException();
    }
}
