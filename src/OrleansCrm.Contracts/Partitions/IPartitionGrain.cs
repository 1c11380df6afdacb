using Orleans;
using OrleansCrm.Contracts.Decisions;

namespace OrleansCrm.Contracts.Partitions;

/// <summary>
/// The owner of one partition (key: its number): the only writer of that part of the journal and the only caller of its customers.
/// Every method waits until the partition has replayed. Expected refusals are values; an exception or a timeout is an unknown outcome.
/// </summary>
[Alias("crm.partition")]
public interface IPartitionGrain : IGrainWithIntegerKey
{
    /// <summary>Makes entries durable, applies them in order and answers once both are done.</summary>
    Task<AppendResponse> AppendAsync(AppendRequest request);

    /// <summary>Answers from the customer's state in memory.</summary>
    Task<LookupResponse> LookupAsync(LookupRequest request);

    /// <summary>
    /// Answers from the customer's state in memory, and journals the decision without waiting for that. When the partition holds entries back
    /// it answers all the same and journals nothing: the answer has no id then.
    /// </summary>
    Task<DecideResponse> DecideAsync(DecideRequest request);

    /// <summary>The entry of a decision, once it is journaled.</summary>
    /// <param name="tenantPrefix"><c>tenant/</c>: a decision of another tenant does not exist.</param>
    Task<DecisionResponse> FindDecisionAsync(string decisionId, string tenantPrefix);

    /// <summary>
    /// Tells <paramref name="observer"/> of every offer that a policy has made a customer of the partition, and of its end, for ten seconds from
    /// now; called again and again while customers are there.
    /// </summary>
    Task<OfferWatch> ObserveOffersAsync(IStorefrontObserver observer);

    /// <summary>Whether each of the customers has an entry; nothing is loaded for it.</summary>
    /// <returns>In the order of the question; empty when it cannot be told right now.</returns>
    Task<bool[]> KnowsAsync(string[] customers);

    /// <summary>The customer's entries, newest first.</summary>
    Task<TimelineResponse> TimelineAsync(TimelineRequest request);

    /// <summary>Where the customer's entries stand, oldest first: those that are acknowledged when it is asked.</summary>
    Task<StrandResponse> StrandAsync(StrandRequest request);

    /// <summary>
    /// Erases the customer and the ids linked to it: refuses their events from now on and takes them out of everything that is stored. Asked
    /// again it tells how it stands. A restart goes on with it.
    /// </summary>
    /// <param name="isAwaited">Answer with the receipt, or after some seconds before it is through; else at once.</param>
    Task<EraseResponse> EraseAsync(string customer, bool isAwaited);

    /// <summary>
    /// Takes the ids of customers who are being erased out of claims on this customer that were refused. Asked again it finds nothing to do.
    /// </summary>
    /// <param name="claimants">Canonical keys.</param>
    /// <returns>False while it cannot be done.</returns>
    Task<bool> ForgetClaimantsAsync(string customer, string[] claimants);

    /// <summary>What the partition knows of the import with this <see cref="ImportName"/>.</summary>
    Task<ImportStatus> ImportAsync(string import);

    /// <summary>What is due for the customers of one tenant and not done yet.</summary>
    Task<TenantBacklog> BacklogAsync(string tenant);

    /// <summary>Keeps the partition alive, and tells how it is. Called by every process every few seconds.</summary>
    Task<PartitionStatus> TouchAsync();

    /// <summary>Writes every customer that a snapshot does not cover yet; answers when the whole of it is stored.</summary>
    Task FlushAsync();
}
