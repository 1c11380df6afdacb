using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>
/// Judges takes from a partition's slice. A take is a hold: the customer's order within it spends what is held, otherwise it is free again at
/// its end. An order that is cancelled gives back what it spent.
/// </summary>
internal static class SliceFold
{
    /// <summary>An order placed in the last second of a hold is told a little later.</summary>
    public const long GraceMs = 60_000;

    /// <summary>Nobody waits for ever for an answer that would have come within a second.</summary>
    private const long AskPauseMs = 1_000;

    /// <summary>So many takes like the last one are wanted in store.</summary>
    private const int Store = 4;

    private const int HoldsMax = 10_000;
    private const int UncoveredMax = 1_000;

    public static void Apply(CustomerState state, SliceReserve slice, JsonElement said, ref FoldStep step)
    {
        switch (step.Entry.Type)
        {
            case EntryTypes.BudgetTake:
                Take(state, slice, said, ref step);
                break;
            case EntryTypes.BudgetRelease:
                slice.Free += slice.End(said.GetProperty("hold").GetUInt64());
                break;
            case EntryTypes.BudgetSpent:
                Spend(slice, said.GetProperty("hold").GetUInt64(), said.GetProperty("amount").GetInt64(), ref step);
                break;
            case EntryTypes.BudgetUnspent:
                if (slice.Uncovered.Remove(said.GetProperty("hold").GetUInt64()))
                    break;
                var back = Math.Min(slice.Spent, said.GetProperty("amount").GetInt64());
                (slice.Spent, slice.Free) = (slice.Spent - back, slice.Free + back);
                break;
            case EntryTypes.BudgetGrant:
                (slice.Free, slice.AskedMs) = (slice.Free + said.GetProperty("amount").GetInt64(), 0);
                break;
            case EntryTypes.BudgetRecall:
                GiveBack(state, slice, ref step);
                break;
            case EntryTypes.Wake:
                break;
            default:
                throw new UnknownEntryTypeException(step.Entry.Type);
        }
    }

    public static void Expire(SliceReserve slice, long nowMs, ref FoldStep step)
    {
        var ended = 0;
        while (ended < slice.Holds.Count && slice.Holds[ended].UntilMs <= nowMs)
            slice.Free += slice.Holds[ended++].Amount;
        slice.Holds.RemoveRange(0, ended);
        if (ended > 0)
            step.Note("holds ended");
    }

    private static void Take(CustomerState state, SliceReserve slice, JsonElement said, ref FoldStep step)
    {
        var (hold, amount, untilMs) = (said.GetProperty("hold").GetUInt64(), said.GetProperty("amount").GetInt64(), said.GetProperty("untilMs").GetInt64());
        var isThere = slice.Free >= amount && slice.Holds.Count < HoldsMax;
        if (isThere)
            slice.Hold(hold, amount, untilMs + GraceMs);
        step.Answer(isThere ? "" : ReserveCodes.Spent, "", []);
        if (slice.Free >= Store * amount || state.NewestMs - slice.AskedMs < AskPauseMs)
            return;
        slice.AskedMs = state.NewestMs;
        step.Send(
            ReserveKeys.Budget(state.Tenant, ReserveKeys.OfferOf(state.Key)), EntryTypes.BudgetAsk,
            ReserveMessages.Ask(state.Partition, amount, isUrgent: !isThere));
    }

    // A hold that has ended may have been taken by somebody else: then the order is not covered, and nothing is spent that is not there.
    private static void Spend(SliceReserve slice, ulong hold, long amount, ref FoldStep step)
    {
        var held = slice.End(hold);
        if (held == 0 && slice.Free < amount)
        {
            step.Note("order not covered");
            slice.Uncovered.Add(hold);
            if (slice.Uncovered.Count > UncoveredMax)
                slice.Uncovered.RemoveAt(0);
            return;
        }

        slice.Free += held - amount;
        slice.Spent += amount;
    }

    private static void GiveBack(CustomerState state, SliceReserve slice, ref FoldStep step)
    {
        var amount = (slice.Free + 1) / 2;
        if (amount == 0)
            return;
        slice.Free -= amount;
        step.Send(
            ReserveKeys.Budget(state.Tenant, ReserveKeys.OfferOf(state.Key)), EntryTypes.BudgetReturn, ReserveMessages.Return(state.Partition, amount));
    }
}
