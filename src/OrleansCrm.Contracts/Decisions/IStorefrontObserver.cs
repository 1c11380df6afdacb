using Orleans;
using Orleans.Concurrency;

namespace OrleansCrm.Contracts.Decisions;

/// <summary>A server process that has customers' connections.</summary>
[Alias("crm.storefront-observer")]
public interface IStorefrontObserver : IGrainObserver
{
    /// <summary>Best effort; what is lost shows in <see cref="OfferWatch"/> and is looked up.</summary>
    [OneWay]
    Task OffersChangedAsync(OfferChanges changes);
}

/// <param name="Sent">How many calls there were with this one.</param>
[GenerateSerializer, Immutable, Alias("crm.offer-changes")]
public sealed record OfferChanges([property: Id(0)] int Partition, [property: Id(1)] long Sent, [property: Id(2)] OfferChange[] Changes);

/// <param name="Customer">Canonical key.</param>
/// <param name="Offer">UTF-8 JSON of the offer that stands now; <c>null</c> for none.</param>
[GenerateSerializer, Immutable, Alias("crm.offer-change")]
public sealed record OfferChange([property: Id(0)] string Customer, [property: Id(1)] byte[] Offer);

/// <summary>Where a partition's calls stand: who has had all of them under this epoch has missed nothing.</summary>
/// <param name="Epoch">Another one when the partition was loaded anew.</param>
[GenerateSerializer, Immutable, Alias("crm.offer-watch")]
public sealed record OfferWatch([property: Id(0)] long Epoch, [property: Id(1)] long Sent);
