using Orleans;
using Orleans.Concurrency;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Contracts.Desks;

/// <summary>
/// Numbers the alert changes of one desk (key: <c>tenant/desk</c>) without gaps, keeps them, and passes them on to the processes that
/// hold agents' connections.
/// </summary>
[Alias("crm.desk")]
public interface IDeskGrain : IGrainWithStringKey
{
    /// <summary>Takes changes of one partition in (offset, index) order. What it has seen of that partition it ignores.</summary>
    /// <remarks>Durable when it returns.</remarks>
    Task RecordAsync(int partition, Outgoing[] changes);

    /// <summary>What a client that knows everything up to <paramref name="afterSequence"/> has missed; -1: it knows nothing.</summary>
    Task<DeskView> ViewAsync(long afterSequence);

    /// <summary>Everything after this number, for whoever keeps all of the desk in mind. The assignment of this desk is told when there is more.</summary>
    /// <returns>Null when that is too long ago, or not of this desk: the desk has to be read anew.</returns>
    Task<DeskChanges?> ChangesAsync(long afterSequence);

    /// <summary>Passes changes to <paramref name="observer"/> for ten seconds from now; called again and again while agents are there.</summary>
    Task ObserveAsync(IDeskObserver observer);
}

/// <summary>A server process that has agents' connections.</summary>
[Alias("crm.desk-observer")]
public interface IDeskObserver : IGrainObserver
{
    /// <summary>Best effort, in sequence order; what is lost is asked for again with <see cref="IDeskGrain.ViewAsync"/>.</summary>
    [OneWay]
    Task ChangedAsync(DeskChanges changes);
}

/// <param name="From">The number before the first change: a receiver that stands there misses nothing.</param>
/// <param name="Sequence">The number of the last change.</param>
[GenerateSerializer, Immutable, Alias("crm.desk-changes")]
public sealed record DeskChanges(
    [property: Id(0)] string Desk,
    [property: Id(1)] long From,
    [property: Id(2)] long Sequence,
    [property: Id(3)] NumberedAlert[] Changes);

/// <param name="Alert">UTF-8 JSON.</param>
/// <param name="Trace">The span that numbered it, when its cause is traced; null for one that was read from the journal.</param>
[GenerateSerializer, Immutable, Alias("crm.numbered-alert")]
public sealed record NumberedAlert(
    [property: Id(0)] long Sequence, [property: Id(1)] byte[] Alert, [property: Id(2)] string? Trace = null);

/// <param name="Sequence">Number of the newest change that this view contains.</param>
/// <param name="Total">How many unfinished alerts the desk has.</param>
/// <param name="Resumed">Whether <see cref="Changes"/> continue without a gap from the number asked for; else the alerts are a fresh list.</param>
/// <param name="Alerts">At most 500 unfinished alerts, most severe first; empty when resumed.</param>
[GenerateSerializer, Immutable, Alias("crm.desk-view")]
public sealed record DeskView(
    [property: Id(0)] long Sequence,
    [property: Id(1)] int Total,
    [property: Id(2)] bool Resumed,
    [property: Id(3)] byte[][] Alerts,
    [property: Id(4)] NumberedAlert[] Changes);
