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
        for (var moves = 0; moves < MovesMax; moves++)
        {
            var found = await PartitionOf(grains, journal, key).LookupAsync(new LookupRequest(key.ToString(), LookupKind.Owner, 0, ""));
            if (found.Status != LookupStatus.Moved)
                break;
            key = CustomerKey.Parse(found.MovedTo);
        }

        return key;
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
                var found = await answer(key);
                for (var moves = 0; found.Status == LookupStatus.Moved && moves < MovesMax; moves++)
                    found = await answer(CustomerKey.Parse(found.MovedTo));
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
