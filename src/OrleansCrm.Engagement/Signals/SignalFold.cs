using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Feedback;

namespace OrleansCrm.Engagement.Signals;

/// <summary>What storefront events add to the facts that signals are read from. An event that is none of these costs a comparison.</summary>
internal static class SignalFold
{
    public static void Apply(CustomerState state, in StorefrontEvent read, ref FoldStep step)
    {
        switch (read.Name)
        {
            case StorefrontEventName.ProductAdded or StorefrontEventName.CheckoutStarted:
                // A visitor whom nobody can write to has abandoned nothing that an agent could do about; it moves along when he signs in.
                if ((state.Signals ??= new SignalRecord()).FillCart(step.Entry.TimeMs, step.Entry.Offset) && SignalReader.HasCart(state))
                    step.FactsChanged = true;
                break;
            case StorefrontEventName.PaymentFailed:
                Mark(state, MarkKind.PaymentFailed, EventReader.KeyOf(step.Entry), ref step);
                break;
            case StorefrontEventName.OrderCompleted:
                state.OrderedMs = Math.Max(state.OrderedMs, step.Entry.TimeMs);
                step.FactsChanged |= state.Signals is not null;
                break;
            case StorefrontEventName.OrderRefunded:
                Mark(state, MarkKind.Refund, RefundKey(read, step), ref step);
                break;
            case StorefrontEventName.TicketOpened:
                Mark(state, MarkKind.TicketOpened, TicketKey(read, step), ref step);
                break;
            case StorefrontEventName.TicketClosed:
                Mark(state, MarkKind.TicketClosed, TicketKey(read, step), ref step);
                break;
        }
    }

    /// <summary>Remembers which entry an answer came with, where it may be a bad one under some program.</summary>
    public static void Answered(CustomerState state, in Answer answer, ref FoldStep step)
    {
        if (default(FeedbackTally).With(answer).Good == 0)
            Mark(state, MarkKind.Answer, AnswerKey(answer), ref step);
    }

    public static ulong AnswerKey(in Answer answer) => answer.Key ^ (ulong)answer.Kind;

    private static void Mark(CustomerState state, MarkKind kind, ulong key, ref FoldStep step) =>
        step.FactsChanged |= (state.Signals ??= new SignalRecord()).Add(new SignalMark(kind, key, step.Entry.TimeMs, step.Entry.Offset));

    // As the order's refunds are told apart: by id, the whole once, a part by its message alone.
    private static ulong RefundKey(in StorefrontEvent read, in FoldStep step)
    {
        if (read.OrderId.Length > 0 && read.RefundId.Length > 0)
            return EventReader.HashOf(read.OrderId, read.RefundId);
        return read.OrderId.Length > 0 && read.AmountMicros is null && read.Value is null && read.Products is null
            ? EventReader.HashOf(read.OrderId, default)
            : EventReader.KeyOf(step.Entry);
    }

    private static ulong TicketKey(in StorefrontEvent read, in FoldStep step) =>
        read.TicketId.Length > 0 ? EventReader.HashOf(read.TicketId, default) : EventReader.KeyOf(step.Entry);
}
