using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Journal;
using OrleansCrm.Server.Auth;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Customers;

/// <summary>Finds the customer that a request means, and answers for those who are not to be found.</summary>
internal static class CustomerLookup
{
    /// <summary>An id moves once, and once more if an administrator merges its owner into another customer just then.</summary>
    private const int MovesMax = 3;

    public static IPartitionGrain PartitionOf(IGrainFactory grains, IJournal journal, CustomerKey key) =>
        grains.GetGrain<IPartitionGrain>(key.PartitionOf(journal.Identity.Partitions));

    /// <summary>The first of the keys that was ever seen; else the first of all. With what its partition says of it.</summary>
    public static async Task<(CustomerKey Key, LookupResponse Is)> FindAsync(IGrainFactory grains, IJournal journal, CustomerKey[] keys)
    {
        foreach (var key in keys)
        {
            var found = await PartitionOf(grains, journal, key).LookupAsync(new LookupRequest(key.ToString(), LookupKind.Owner, 0, ""));
            if (found.Status != LookupStatus.NotFound)
                return (key, found);
        }

        return (keys[0], LookupResponse.NotFound);
    }

    /// <summary>Whose the id is by now: another customer's, where it was linked.</summary>
    public static async Task<CustomerKey> FindOwnerAsync(IGrainFactory grains, IJournal journal, CustomerKey key)
    {
        await FollowAsync(
            key.ToString(),
            asked => PartitionOf(grains, journal, key = asked).LookupAsync(new LookupRequest(asked.ToString(), LookupKind.Owner, 0, "")),
            told => told.Status == LookupStatus.Moved ? told.MovedTo : null);
        return key;
    }

    /// <summary>Asks for a customer and, as long as the answer is that the id is another one's by now, for that one.</summary>
    /// <param name="movedTo">Whom the answer points to; null for one that is an answer.</param>
    /// <returns>The last answer: one that points on, where ids seem to move for ever.</returns>
    public static async Task<T> FollowAsync<T>(string first, Func<CustomerKey, Task<T>> ask, Func<T, string?> movedTo)
    {
        var next = first;
        for (var moves = 0; ; moves++)
        {
            var answer = await ask(CustomerKey.Parse(next));
            if (movedTo(answer) is not { } to || moves == MovesMax)
                return answer;
            next = to;
        }
    }

    /// <summary>Asks for each customer that the path can mean, until one is found; of an id that was linked, for the one who has it now.</summary>
    public static async Task AnswerFirstAsync(HttpContext context, string id, Func<CustomerKey, Task<LookupResponse>> answer)
    {
        var keys = CustomerPath.KeysOf(context, context.User.Tenant(), id, out var error);
        if (keys.Length == 0)
            await Problems.WriteAsync(context, 400, "invalid_customer_id", $"This can be no customer: {error}.");
        else
            await AnswerFirstAsync(context, keys, answer);
    }

    public static Task AnswerFirstAsync(HttpContext context, CustomerKey[] keys, Func<CustomerKey, Task<LookupResponse>> answer) =>
        Unavailable.GuardAsync(context, async () =>
        {
            foreach (var key in keys)
            {
                var found = await FollowAsync(key.ToString(), answer, told => told.Status == LookupStatus.Moved ? told.MovedTo : null);
                switch (found.Status)
                {
                    case LookupStatus.Found:
                        return;
                    case LookupStatus.NotFound:
                        continue;
                    case LookupStatus.Erased:
                        await Problems.WriteAsync(context, 410, "erased", "This customer was erased.");
                        return;
                    default:
                        await Problems.WriteUnavailableAsync(context);
                        return;
                }
            }

            await Problems.WriteAsync(context, 404, "customer_not_found", "No event of this customer has been seen.");
        });
}
