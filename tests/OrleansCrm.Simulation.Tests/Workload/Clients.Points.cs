using System.Text;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Lifecycle;
using OrleansCrm.Engagement.Loyalty;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Simulation.Tests.Workload;

/// <summary>What customers do with their points, and for each other.</summary>
internal sealed partial class Clients
{
    public const int ReferrerPoints = 100;
    public const int FriendPoints = 40;

    private static readonly LoyaltyRules Rewarding = new() { Referral = new ReferralRules { Referrer = ReferrerPoints, Friend = FriendPoints, StandDays = 1 } };

    /// <summary>One of the ways in which points change hands or wait, by chance.</summary>
    public Task MovePointsAsync()
    {
        var (giver, other) = (world.Pick(Users), world.Pick(Users));
        return world.Pick(7) switch
        {
            6 when Events.TenantOf(giver) == Events.TenantOf(other) => JoinAsync(giver, other),
            < 2 when Events.TenantOf(giver) == Events.TenantOf(other) => GiveAsync(giver, other),
            < 3 when Events.TenantOf(giver) == Events.TenantOf(other) => BringAsync(giver, other),
            < 4 => SpendAsync(giver),
            < 5 => CommandAsync(giver, EntryTypes.PhaseForce, PhaseCommands.Force(world.Draw(0.3) ? "" : world.Pick([.. PhaseCommands.Words]), "because", "test")),
            _ => CommandAsync(giver, EntryTypes.PointsAdjust, LoyaltyCommands.Adjust(NextOrder(), 1 + world.Pick(500), "because", "test")),
        };
    }

    /// <summary>Now and then to a code that nobody has opened, from which the points come back.</summary>
    private async Task GiveAsync(string giver, string receiver)
    {
        if (world.Draw(0.8))
            await CommandAsync(receiver, EntryTypes.ReferralOpen, "{}"u8.ToArray());
        if (world.Draw(0.7))
            await world.DelayAsync(world.Between(0, 2));
        await CommandAsync(giver, EntryTypes.PointsTransfer, Transfers.Command(NextOrder(), 1 + world.Pick(150), Referrals.CodeOf(receiver), "test"));
    }

    private async Task JoinAsync(string member, string head)
    {
        var isLeaving = world.Draw(0.3);
        if (!isLeaving)
            await CommandAsync(head, EntryTypes.ReferralOpen, "{}"u8.ToArray());
        await CommandAsync(member, EntryTypes.HouseholdJoin, Households.Command(isLeaving ? "" : Referrals.CodeOf(head), "test"));
    }

    private async Task BringAsync(string referrer, string friend)
    {
        await CommandAsync(referrer, EntryTypes.ReferralOpen, "{}"u8.ToArray());
        var order = NewOrder(friend, world.Wall.AddDays(-world.Pick(3)), "", $",\"referral_code\":\"{Referrals.CodeOf(referrer)}\"");
        _earlier.Add(order);
        await SendAsync(PartitionOf(friend), order);
    }

    private async Task SpendAsync(string customer)
    {
        var held = await CommandAsync(customer, EntryTypes.RedemptionHold, LoyaltyCommands.Hold(NextOrder(), 1 + world.Pick(150), "", "test"));
        if (held?.Outcome is not { Code: "" } || world.Draw(0.2))
            return;
        await world.DelayAsync(world.Between(0, 2));
        var hold = new EntryId(held.Partition, held.Offset).ToString();
        await CommandAsync(customer, world.Draw(0.7) ? EntryTypes.RedemptionCommit : EntryTypes.RedemptionCancel, LoyaltyCommands.End(hold, "test"));
    }

    /// <summary>Twice under one idempotency key, as whoever has had no answer does.</summary>
    private async Task<Ledger.Sent?> CommandAsync(string customer, string type, byte[] payload)
    {
        var first = new NewEntry(customer, world.NewId(), type, world.WallMs, payload);
        await SendAsync(PartitionOf(customer), first);
        if (world.Draw(0.3))
            await SendAsync(PartitionOf(customer), first with { MessageId = world.NewId() });
        world.Say($"{type} of {customer} {Encoding.UTF8.GetString(payload)}");
        return ledger.Messages[first.MessageId];
    }
}
