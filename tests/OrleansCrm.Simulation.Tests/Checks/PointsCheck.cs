using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Consent;
using OrleansCrm.Simulation.Tests.Store;
using OrleansCrm.Simulation.Tests.Workload;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Checks;

/// <summary>
/// Points by the arithmetic of a primary school: what a person has, wherever it stands, is what the orders earned, what was given to them
/// and what came, less what went; each command counts once, however often it was sent.
/// </summary>
internal sealed class PointsCheck(World world, JournalStore store, Ledger ledger, IReadOnlyDictionary<string, StraightFold> folds)
{
    private static readonly string[] InHand = ["points.available", "points.pending", "points.held", "points.spent", "points.expired"];

    public void Run(Func<StraightFold, string> ownerOf, Func<string, bool> isErased)
    {
        // Whether an erased customer had taken a gift before cannot be told when it is delivered once more after a crash.
        var inTransit = folds.Values.Sum(f => SumOf(f, "points.in_transit"));
        var isCertain = !folds.Keys.Any(Tombstone.IsKey) || ledger.Messages.Values.All(m => m.Entry.Type != EntryTypes.PointsTransfer);
        if (inTransit != 0 && isCertain)
            world.Violate($"{inTransit} points have left one customer and not come to another");
        var (brought, referred) = (folds.Values.Sum(f => SumOf(f, "referral.brought")), folds.Values.Sum(f => SumOf(f, "referral.referred")));
        if (referred > brought && !folds.Keys.Any(Tombstone.IsKey))
            world.Violate($"{referred} customers were rewarded for having been brought, and {brought} were brought");

        foreach (var person in folds.Values.Where(f => !isErased(f.State.Key)).GroupBy(ownerOf))
        {
            var ids = person.ToArray();
            var book = CustomerBook.Joined(ids.Select(f => ledger.BookOf(f.State.Key)));
            var orders = SumOf(folds[person.Key], "orders");
            var has = ids.Sum(f => InHand.Sum(account => SumOf(f, account)));
            var moved = ids.Sum(MovedOf);
            var rewards = Clients.ReferrerPoints * SumOf(folds[person.Key], "referral.brought") + Clients.FriendPoints * SumOf(folds[person.Key], "referral.referred");
            if (orders != book.Orders || has != book.Points + moved + rewards)
                world.Violate($"{person.Key} has {orders} orders and {has} points, and sent {book.Orders} and {book.Points}, got {moved} and was rewarded with {rewards}");
            var (spent, committed) = (ids.Sum(f => SumOf(f, "points.spent")), ids.SelectMany(CommittedOf).Distinct().Sum(hold => hold.Points));
            if (spent != committed)
                world.Violate($"{person.Key} has spent {spent} points and was told of {committed}");
        }
    }

    private static long SumOf(StraightFold fold, string metric) => fold.Sums.GetValueOrDefault(metric);

    /// <summary>What came to one id by persons' hands and from other customers, less what it gave away.</summary>
    private long MovedOf(StraightFold fold)
    {
        var (moved, done) = (0L, new HashSet<string>());
        foreach (var entry in EntriesOf(fold))
        {
            // What goes to a household's pool goes by itself.
            foreach (var pooled in fold.Outgoing.Where(o => o.Offset == entry.Offset && o.Entry?.Type == EntryTypes.PointsGiven && !IsSame(o.Entry.Payload, entry.Payload)))
            {
                using var gift = JsonDocument.Parse(pooled.Entry!.Payload);
                moved -= gift.RootElement.TryGetProperty("pool", out _) ? SlicesOf(gift.RootElement) : 0;
            }

            var isPassedOn = fold.Outgoing.Exists(o => o.Offset == entry.Offset && o.Entry?.Type == entry.Type && IsSame(o.Entry.Payload, entry.Payload));
            var isSentBack = fold.Outgoing.Exists(o => o.Offset == entry.Offset && o.Entry?.Type == EntryTypes.PointsReturned);
            using var json = JsonDocument.Parse(entry.Payload);
            var said = json.RootElement;
            if (entry.Type is EntryTypes.PointsAdjust or EntryTypes.PointsTransfer)
            {
                if (fold.Outcomes.GetValueOrDefault(entry.Offset) is { Code: "" } && done.Add(said.GetProperty("key").GetString()!))
                    moved += (entry.Type == EntryTypes.PointsAdjust ? 1 : -1) * said.GetProperty("points").GetInt64();
            }
            else if (entry.Type == EntryTypes.PointsGiven && !isPassedOn && !isSentBack)
            {
                moved += SlicesOf(said);
            }
            else if (entry.Type == EntryTypes.PointsReturned && !isPassedOn && done.Add($"returned {said.GetProperty("key")}"))
            {
                // What is delivered twice to somebody who does not take it comes back twice, and counts once.
                moved += said.GetProperty("points").GetInt64();
            }
        }

        return moved;
    }

    private static bool IsSame(byte[] x, byte[] y) => x.AsSpan().SequenceEqual(y);

    private static long SlicesOf(JsonElement gift) => gift.GetProperty("slices").EnumerateArray().Where((_, i) => i % 2 == 0).Sum(slice => slice.GetInt64());

    private IEnumerable<(string Hold, long Points)> CommittedOf(StraightFold fold)
    {
        foreach (var entry in EntriesOf(fold).Where(e => e.Type == EntryTypes.RedemptionCommit))
        {
            if (fold.Outcomes.GetValueOrDefault(entry.Offset) is not { Code: "" } outcome)
                continue;
            using var json = JsonDocument.Parse(outcome.Body);
            yield return (json.RootElement.GetProperty("holdId").GetString()!, json.RootElement.GetProperty("points").GetInt64());
        }
    }

    private Entry[] EntriesOf(StraightFold fold) =>
        [.. store.Read(fold.Partition, 0, int.MaxValue).Where(e => e.Customer == fold.State.Key && !fold.Faults.Contains(e.Offset))];
}
