using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>What an entry does to a budget, a slice or a coupon: first what was due before it ends, then the entry is judged.</summary>
public static class ReserveFold
{
    internal static void Apply(CustomerState state, ref FoldStep step)
    {
        state.Partition = step.Entry.Partition;
        state.NewestMs = Math.Max(state.NewestMs, step.Entry.TimeMs);
        var kind = CustomerKey.Parse(state.Key).Kind;
        state.Reserve ??= kind switch
        {
            CustomerKind.Budget => new BudgetReserve(),
            CustomerKind.Slice => new SliceReserve(),
            _ => new CouponReserve(),
        };
        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        switch (state.Reserve)
        {
            case BudgetReserve budget:
                BudgetFold.Apply(state, budget, parsed.RootElement, ref step);
                break;
            case SliceReserve slice:
                SliceFold.Expire(slice, state.NewestMs, ref step);
                SliceFold.Apply(state, slice, parsed.RootElement, ref step);
                break;
            case CouponReserve coupon:
                CouponFold.Expire(coupon, state.NewestMs, ref step);
                CouponFold.Apply(state, coupon, parsed.RootElement, ref step);
                break;
        }

        state.NextWakeMs = UtcDay.CeilingSecond(state.Reserve.NextMs);
    }

    /// <summary>What there is of it, as JSON.</summary>
    public static byte[] Render(CustomerState state, Program.ProgramDocument program) => state.Reserve switch
    {
        BudgetReserve budget => Rendering.Object(json =>
        {
            json.WriteNumber("total", BudgetFold.TotalOf(state, program));
            json.WriteNumber("out", budget.Out);
        }),
        SliceReserve slice => Rendering.Object(json =>
        {
            json.WriteNumber("free", slice.Free);
            json.WriteNumber("held", slice.Holds.Sum(h => h.Amount));
            json.WriteNumber("spent", slice.Spent);
        }),
        CouponReserve coupon => CouponFold.Render(state, coupon, program),
        _ => [],
    };
}
