using Orleans;
using OrleansCrm.Contracts.Decisions;

namespace OrleansCrm.Contracts.Customers;

/// <summary>
/// One customer (key: <see cref="CustomerKey"/> as text). Holds the folded state in memory and nothing else: the activation may vanish
/// at any moment, and the partition, its only caller, brings it up to date again.
/// </summary>
[Alias("crm.customer")]
public interface ICustomerGrain : IGrainWithStringKey
{
    /// <summary>Folds entries in order. Changes nothing unless the state stands at <see cref="ApplyRequest.PreviousOffset"/>.</summary>
    Task<ApplyResponse> ApplyAsync(ApplyRequest request);

    /// <summary>Renders what the state says. Answers Behind unless the state stands at <see cref="ReadRequest.ExpectedOffset"/>.</summary>
    Task<ReadResponse> ReadAsync(ReadRequest request);

    /// <summary>Decides what to offer. Answers Behind unless the state stands at <see cref="DecideRequest.ExpectedOffset"/>.</summary>
    Task<DecideResponse> DecideAsync(DecideRequest request);

    /// <summary>The state as it is to be stored. Answers Behind unless the state stands at <paramref name="expectedOffset"/>.</summary>
    /// <param name="leaves">The caller keeps the answer and sends it along with the next entries: the activation goes.</param>
    Task<SnapshotResponse> SnapshotAsync(long expectedOffset, bool leaves);
}
