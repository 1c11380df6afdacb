using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Offers;

/// <summary>
/// Passes offers on to the customers who are connected here. Partitions push what changes to every process that asks, as offers are rare; a
/// push can get lost, so the relay knows how many it has had of each partition, and looks up what its customers are offered when one is
/// missing or a partition was loaded anew. What a customer was told last is not told again.
/// </summary>
internal sealed partial class OfferRelay(
    IGrainFactory grains, IJournal journal, IHubContext<CustomerHub> hub, KeyRing keys, OfferPushOptions options, TimeProvider time, ILogger<OfferRelay> logger)
    : BackgroundService, IStorefrontObserver
{
    // A partition drops an observer that has not renewed for ten seconds.
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);

    /// <summary>Pushes that wait to be passed on. More are dropped, and their customers looked up.</summary>
    private const int WaitingMax = 1_024;

    private const string Message = "NextBestOffer";

    private const string NotNow = "unavailable: what is offered cannot be told right now; try again.";

    private static readonly byte[] NoOffer = "null"u8.ToArray();

    /// <summary>No partition stands there, so that the next renewal looks everybody up.</summary>
    private static readonly OfferWatch Nothing = new(-1, -1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Viewer> _viewers = new(StringComparer.Ordinal);
    private readonly OfferWatch?[] _heard = new OfferWatch?[journal.Identity.Partitions];
    private readonly Channel<OfferChanges> _pushed = Channel.CreateBounded<OfferChanges>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    private IStorefrontObserver? _reference;
    private int _connections;

    /// <summary>Whose offers a customer's token lets hear of: those of whoever has that id by now.</summary>
    public async Task<string> FindOwnerAsync(string customer)
    {
        try
        {
            return (await CustomerLookup.FindOwnerAsync(grains, journal, CustomerKey.Parse(customer))).ToString();
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            throw new HubException(NotNow);
        }
    }

    /// <returns>False when there is no room.</returns>
    public bool TryJoin(string customer, HubCallerContext connection)
    {
        lock (_lock)
        {
            var viewer = _viewers.GetValueOrDefault(customer);
            if (_connections >= options.ConnectionsMax || viewer?.Connections.Count >= options.CustomerConnectionsMax)
                return false;
            if (viewer is null)
                _viewers.Add(customer, viewer = new Viewer());
            viewer.Connections.Add(connection);
            _connections++;
            return true;
        }
    }

    public void Leave(string customer, HubCallerContext connection)
    {
        lock (_lock)
        {
            if (!_viewers.TryGetValue(customer, out var viewer) || !viewer.Connections.Remove(connection))
                return;
            _connections--;
            if (viewer.Connections.Count == 0)
                _viewers.Remove(customer);
        }
    }

    /// <summary>Tells one connection what stands now.</summary>
    public async Task TellAsync(string customer, string connection)
    {
        try
        {
            var partition = PartitionOf(customer);
            if (Heard(partition) is null)
                NoteHeard(partition, await ObserveAsync(partition));
            var told = FindViewer(customer)?.Told ?? 0;
            var offer = await LookUpAsync(customer);
            await SendAsync(customer, viewer =>
            {
                // What was pushed meanwhile is newer than what was looked up.
                if (viewer.Told == told)
                    viewer.Offer ??= offer;
                return hub.Clients.Client(connection).SendAsync(Message, new RawJson(viewer.Offer ?? offer));
            });
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            throw new HubException(NotNow);
        }
    }

    public Task OffersChangedAsync(OfferChanges changes)
    {
        _pushed.Writer.TryWrite(changes);
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        if (_reference is { } reference)
            grains.DeleteObjectReference<IStorefrontObserver>(reference);
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await PassOnForAsync(RenewEvery, stoppingToken);
                EndThoseOfDeadKeys();
                for (var partition = 0; partition < _heard.Length; partition++)
                    await RenewAsync(partition, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task PassOnForAsync(TimeSpan span, CancellationToken stopping)
    {
        using var over = new CancellationTokenSource(span, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, over.Token);
        try
        {
            while (await _pushed.Reader.WaitToReadAsync(end.Token))
            {
                while (_pushed.Reader.TryRead(out var changes))
                    await PassOnAsync(changes);
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The time is over; nothing was taken from the queue without being passed on.
        }
    }

    private async Task PassOnAsync(OfferChanges changes)
    {
        lock (_lock)
        {
            // What has been looked up since is newer; where one is missing the next renewal finds that.
            if (_heard[changes.Partition] is not { } heard || changes.Sent <= heard.Sent)
                return;
            if (changes.Sent == heard.Sent + 1)
                _heard[changes.Partition] = heard with { Sent = changes.Sent };
        }

        foreach (var change in changes.Changes)
            await TellEverybodyAsync(change.Customer, change.Offer);
    }

    private async Task RenewAsync(int partition, CancellationToken stopping)
    {
        string[] customers;
        lock (_lock)
        {
            customers = [.. _viewers.Keys.Where(customer => PartitionOf(customer) == partition)];
            if (customers.Length == 0)
            {
                _heard[partition] = null;
                return;
            }
        }

        try
        {
            var watch = await ObserveAsync(partition);
            if (Heard(partition) == watch)
                return;
            NoteHeard(partition, watch);
            foreach (var customer in customers)
                await TellEverybodyAsync(customer, await LookUpAsync(customer));
        }
        catch (Exception e) when (Unavailable.IsOfGrain(e))
        {
            // Whoever is asked next time says what was missed.
            NoteHeard(partition, Nothing);
            if (!stopping.IsCancellationRequested)
                LogAway(partition, e.GetType().Name);
        }
    }

    private async Task<byte[]> LookUpAsync(string customer)
    {
        var asked = new LookupRequest(customer, LookupKind.Offer, time.GetUtcNow().ToUnixTimeMilliseconds(), "");
        var found = await CustomerLookup.PartitionOf(grains, journal, CustomerKey.Parse(customer)).LookupAsync(asked);
        return found.Status switch
        {
            LookupStatus.Found => found.Body,
            LookupStatus.Unavailable => throw new InvalidOperationException("The customer cannot be looked up."),
            _ => NoOffer,
        };
    }

    private Task TellEverybodyAsync(string customer, byte[] offer) => SendAsync(customer, viewer =>
    {
        if (viewer.Offer is { } last && last.AsSpan().SequenceEqual(offer))
            return Task.CompletedTask;
        (viewer.Offer, viewer.Told) = (offer, viewer.Told + 1);
        return hub.Clients.Group(customer).SendAsync(Message, new RawJson(offer));
    });

    /// <summary>Begins to send while nobody else does, so that what is newer comes later.</summary>
    private async Task SendAsync(string customer, Func<Viewer, Task> send)
    {
        Task sending;
        lock (_lock)
        {
            if (!_viewers.TryGetValue(customer, out var viewer))
                return;
            sending = send(viewer);
        }

        try
        {
            await sending;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // One page's trouble is not the others': it comes back and is told what stands.
            LogNotSent(e.GetType().Name);
        }
    }

    private void EndThoseOfDeadKeys()
    {
        HubCallerContext[] dead;
        lock (_lock)
            dead = [.. _viewers.Values.SelectMany(v => v.Connections).Where(c => !keys.IsAlive(c.User!.Tenant(), c.User!.MakerId()))];
        foreach (var connection in dead)
            connection.Abort();
    }

    private Task<OfferWatch> ObserveAsync(int partition) => grains.GetGrain<IPartitionGrain>(partition).ObserveOffersAsync(Reference);

    private OfferWatch? Heard(int partition)
    {
        lock (_lock)
            return _heard[partition];
    }

    private void NoteHeard(int partition, OfferWatch watch)
    {
        lock (_lock)
            _heard[partition] = watch;
    }

    private Viewer? FindViewer(string customer)
    {
        lock (_lock)
            return _viewers.GetValueOrDefault(customer);
    }

    /// <summary>The runtime holds the object behind it weakly; this service stays reachable.</summary>
    private IStorefrontObserver Reference
    {
        get
        {
            lock (_lock)
                return _reference ??= grains.CreateObjectReference<IStorefrontObserver>(this);
        }
    }

    private int PartitionOf(string customer) => CustomerKey.Parse(customer).PartitionOf(journal.Identity.Partitions);

    [LoggerMessage(1, LogLevel.Warning, "Offers of partition {Partition} cannot be followed right now: {Reason}")]
    private partial void LogAway(int partition, string reason);

    [LoggerMessage(2, LogLevel.Debug, "An offer did not reach every page: {Reason}")]
    private partial void LogNotSent(string reason);

    /// <summary>One customer's pages.</summary>
    private sealed class Viewer
    {
        public List<HubCallerContext> Connections { get; } = [];

        /// <summary>What they were told last, as JSON; null before the first time.</summary>
        public byte[]? Offer { get; set; }

        /// <summary>How often they were told of a change.</summary>
        public long Told { get; set; }
    }
}
