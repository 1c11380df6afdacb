using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Customers who pool their points at one of them, the head. A member's points go to the head when they become available, as a gift of all of
/// them (see <see cref="Transfers"/>), so nothing is locked and each slice keeps its expiry; what a member wants to spend is asked of the head.
/// Tiers and phases stay everybody's own. Who leaves, or is erased, leaves behind what is in the pool.
/// </summary>
/// <remarks>
/// A head is no member of another household, or points would go round: who is one sends the pool's points back, and a member to whom they
/// come back, also because the head was erased, is one no longer.
/// </remarks>
public static class Households
{
    /// <param name="head">The head's code, which is open; empty to leave.</param>
    public static byte[] Command(string head, string by) => Rendering.Object(json =>
    {
        json.WriteString("head", head);
        json.WriteString("by", by);
    });

    internal static void Judge(CustomerState state, ref FoldStep step)
    {
        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var head = parsed.RootElement.GetProperty("head").GetString()!;
        if (state.LinkedTo.Length > 0)
        {
            step.Answer(LoyaltyCodes.Moved, state.LinkedTo, []);
            return;
        }

        if (!IdentityFold.IsUser(state) || Referrals.IsOwn(state, head))
        {
            step.Answer(IdentityFold.IsUser(state) ? Transfers.SameCustomer : Transfers.Anonymous, "", []);
            return;
        }

        var account = LoyaltyFold.Open(state);
        if (account.Household != head)
        {
            LoyaltyFold.Touch(state, ref step);
            account.Household = head;
            step.Note(head.Length > 0 ? "joined household " + head : "left the household");
        }

        step.Answer("", "", Rendering.Object(json => json.WriteString("household", head.Length > 0 ? head : null)));
    }

    /// <summary>Whether the customer's points are with a head, who is to be asked for them.</summary>
    internal static bool IsWithHead(CustomerState state, out string head)
    {
        head = state.Loyalty is { Household.Length: > 0 } account ? Referrals.KeyOf(state.Tenant, account.Household) : "";
        return head.Length > 0;
    }

    /// <summary>Sends what is available to the pool. To be called when the books are settled; leaves something to settle.</summary>
    internal static void Sweep(CustomerState state, ref FoldStep step)
    {
        if (state.Loyalty is not { Household.Length: > 0 } account || state.Ledger is not { } ledger || ledger[PointsAccount.Available] <= 0)
            return;
        if (Referrals.IsOwn(state, account.Household))
        {
            // Head and member have turned out to be one person.
            account.Household = "";
            return;
        }

        var id = EarnRule.KeyOf(string.Create(CultureInfo.InvariantCulture, $"pool {step.Entry.Partition} {step.Entry.Offset} {step.NextIndex}"));
        Transfers.Send(state, id, ledger[PointsAccount.Available], account.Household, isForPool: true, ref step);
    }

    /// <summary>Whether points for the pool stay here. What was decided of them first is not decided again.</summary>
    /// <param name="key">Of their first slice.</param>
    internal static bool Takes(CustomerState state, ulong key)
    {
        if (!IsWithHead(state, out _))
            return true;
        var account = state.Loyalty!;
        if (account.Credits?.Exists(c => c.Cause == PointsCause.TransferIn && c.Key == key) == true)
            return true;

        // Delivered twice, it goes back once, also after this customer has left his household.
        (account.UsedKeys ??= new SortedKeys()).Add(key);
        return false;
    }

    /// <summary>The head does not take them.</summary>
    internal static void End(CustomerState state, ref FoldStep step)
    {
        if (state.Loyalty is not { Household.Length: > 0 } account)
            return;
        account.Household = "";
        step.Note("left the household");
    }
}
