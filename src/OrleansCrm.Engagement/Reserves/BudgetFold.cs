using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>
/// Hands an offer's budget out in slices, one to each partition that shows the offer, smaller ones as it comes to its end. All slices together
/// never have more than the total, so no decision has to ask anybody but its own partition. When it is all handed out and a partition asks,
/// the others send back half of what they have free.
/// </summary>
internal static class BudgetFold
{
    private const int ShareOfRest = 16;
    private const long RecallPauseMs = 1_000;

    public static long TotalOf(CustomerState state, ProgramDocument program) =>
        OfferOf(program, ReserveKeys.OfferOf(state.Key))?.Budget.Total ?? 0;

    public static void Apply(CustomerState state, BudgetReserve budget, JsonElement said, ref FoldStep step)
    {
        switch (step.Entry.Type)
        {
            case EntryTypes.BudgetAsk:
                Ask(state, budget, said, ref step);
                break;
            case EntryTypes.BudgetReturn:
                budget.Grant(said.GetProperty("partition").GetInt32(), -said.GetProperty("amount").GetInt64());
                ServeAsking(state, budget, ref step);
                break;
            case EntryTypes.Wake:
                break;
            default:
                throw new UnknownEntryTypeException(step.Entry.Type);
        }
    }

    internal static Offer? OfferOf(ProgramDocument program, ulong key)
    {
        foreach (var offer in program.Offers)
        {
            if (offer.Key == key)
                return offer;
        }

        return null;
    }

    private static void Ask(CustomerState state, BudgetReserve budget, JsonElement said, ref FoldStep step)
    {
        var (partition, need) = (said.GetProperty("partition").GetInt32(), said.GetProperty("amount").GetInt64());
        var left = TotalOf(state, step.Program) - budget.Out;
        if (left >= need)
        {
            budget.Asking.RemoveAll(a => a.Partition == partition);
            Grant(state, budget, partition, Math.Min(left, Math.Max(need, left / ShareOfRest)), ref step);
            return;
        }

        if (!said.GetProperty("urgent").GetBoolean())
            return;
        budget.Asking.RemoveAll(a => a.Partition == partition);
        budget.Asking.Add((partition, need));
        if (state.NewestMs - budget.RecalledMs < RecallPauseMs)
            return;
        budget.RecalledMs = state.NewestMs;
        foreach (var (other, amount) in budget.Granted)
        {
            if (other != partition && amount > 0)
                step.Send(ReserveKeys.Slice(state.Tenant, other, ReserveKeys.OfferOf(state.Key)), EntryTypes.BudgetRecall, "{}"u8.ToArray());
        }
    }

    private static void ServeAsking(CustomerState state, BudgetReserve budget, ref FoldStep step)
    {
        var left = TotalOf(state, step.Program) - budget.Out;
        for (var i = 0; i < budget.Asking.Count;)
        {
            var (partition, need) = budget.Asking[i];
            if (left < need)
            {
                i++;
                continue;
            }

            budget.Asking.RemoveAt(i);
            Grant(state, budget, partition, need, ref step);
            left -= need;
        }
    }

    private static void Grant(CustomerState state, BudgetReserve budget, int partition, long amount, ref FoldStep step)
    {
        budget.Grant(partition, amount);
        step.Send(ReserveKeys.Slice(state.Tenant, partition, ReserveKeys.OfferOf(state.Key)), EntryTypes.BudgetGrant, ReserveMessages.Amount(amount));
    }
}
