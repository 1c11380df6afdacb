using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Tests.Loyalty;

public sealed class NaiveLoyaltyTests
{
    public static TheoryData<int> Blocks => [.. Enumerable.Range(0, 10)];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Orders_points_tiers_and_phases_agree_with_a_naive_account_whatever_comes_late_or_twice(int block)
    {
        var (holds, refusals, tiers) = (0, 0, 0);
        for (var seed = block * 100 + 1; seed <= block * 100 + 100; seed++)
        {
            var shop = new RandomShop(seed);
            shop.Live(() => Assert.Equal(0, shop.Story.State.Ledger?.Sum ?? 0));
            var (state, naive) = (shop.Story.State, shop.Naive);
            var ledger = state.Ledger ?? new PointsLedger();
            var books = new NaivePoints(
                ledger[PointsAccount.Available], ledger[PointsAccount.Pending], ledger[PointsAccount.Held], ledger[PointsAccount.Spent],
                ledger[PointsAccount.Expired]);
            var outlook = state.Loyalty?.Outlook ?? PointsOutlook.None;

            Assert.Equal((seed, naive.PointsAt(shop.EndMs)), (seed, books));
            Assert.Equal((seed, naive.OrdersThatCount, naive.Revenue), (seed, (int)state.OrderCount, shop.Story.Revenue()));
            Assert.Equal((seed, naive.PhaseAt(shop.EndMs)), (seed, PhaseWords.Of(state.Standing.Phase)));
            if (shop.Rules.Tiers.Length > 0)
                Assert.Equal((seed, naive.TierAt(shop.EndMs)), (seed, (outlook.Tier.Level, outlook.Tier.Points, outlook.Tier.UntilMs)));
            holds += shop.Holds;
            refusals += shop.Refusals;
            tiers += outlook.Tier.Level > 0 ? 1 : 0;
        }

        Assert.True(holds > 40 && refusals > 20 && tiers > 5, $"{holds} holds, {refusals} refusals, {tiers} in a tier");
    }
}
