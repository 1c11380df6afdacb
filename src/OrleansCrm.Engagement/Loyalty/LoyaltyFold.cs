using System.Globalization;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Keeps the ledger of a customer with a loyalty account as the facts ask: whoever changes a fact says so first (<see cref="Touch"/>), and
/// when the entry is through, the difference to what was booked is booked (<see cref="Settle"/>). So nothing can be booked twice, whatever
/// comes twice, late or out of order, and each line names the entry that made the difference.
/// </summary>
internal static class LoyaltyFold
{
    /// <summary>The customer's account; where there is none yet it begins with what the orders were worth so far.</summary>
    public static LoyaltyAccount Open(CustomerState state)
    {
        if (state.Loyalty is { } known)
            return known;
        var ofOrders = 0L;
        foreach (var order in state.ReadOrders())
            ofOrders += order.Points;
        var available = state.Ledger?[PointsAccount.Available] ?? 0;
        return state.Loyalty = new LoyaltyAccount { Closed = new ClosedPoints(available - ofOrders, 0, 0) };
    }

    /// <summary>To be called before a fact changes that points follow from. Opens no account.</summary>
    public static void Touch(CustomerState state, ref FoldStep step)
    {
        if (state.Loyalty is not { } account)
            return;
        account.Booked ??= PointsWalk.PositionsAt(state, state.NewestMs);
        step.FactsChanged = true;
    }

    /// <summary>Adds points that are not for an order, unless they have been given before.</summary>
    public static void Give(CustomerState state, in Credit credit, ref FoldStep step)
    {
        var account = Open(state);
        Touch(state, ref step);
        account.TryAdd(credit);
    }

    /// <summary>When points given now expire; 0 for never.</summary>
    public static long ExpiryOf(LoyaltyRules rules, long timeMs) =>
        rules.Expiry.AfterDays == 0 ? 0 : PointsWalk.EndOfDay(timeMs + rules.Expiry.AfterDays * UtcDay.Ms);

    /// <summary>Books what changed since the first touch, and looks ahead. Nothing to do without a touch.</summary>
    public static void Settle(CustomerState state, ref FoldStep step, long timeMs)
    {
        Book(state, ref step, timeMs);
        if (step.Entry.Customer.Length == 0)
            return;
        Households.Sweep(state, ref step);
        Book(state, ref step, timeMs);
    }

    private static void Book(CustomerState state, ref FoldStep step, long timeMs)
    {
        if (state.Loyalty is not { Booked: { } booked } account)
            return;
        var (positions, outlook) = PointsWalk.At(state, step.Program, state.NewestMs);
        account.Booked = null;
        LedgerBooking.Book(state, booked, positions, timeMs, ref step);
        LookAhead(state, outlook, ref step);
    }

    /// <summary>Another program: promises of orders stay, but tiers and notices are others.</summary>
    public static void Reconsider(CustomerState state, ref FoldStep step)
    {
        if (state.Loyalty is null && (step.Program.Loyalty.Tiers.Levels.Count == 0 || state.Orders is null))
            return;
        Open(state);
        Touch(state, ref step);
        Settle(state, ref step, step.Entry.TimeMs);
    }

    /// <summary>An order leaves those that are kept one by one; its points go on as part of one lot.</summary>
    public static void Close(LoyaltyAccount account, Order order)
    {
        var place = account.Booked!.FindIndex(p => p.Cause == PointsCause.Order && p.Key == order.Key);
        var booked = place < 0 ? new Position(PointsCause.Order, order.Key, order.Points) : account.Booked[place];
        var closed = account.Closed;
        var isForEver = account.TermsOf(order.Terms) is null or { ExpiryDays: 0 } || (closed is { Points: not 0, ExpiresMs: 0 });
        var expiresMs = isForEver ? 0 : PointsWalk.EndOfDay(order.PlacedMs + account.TermsOf(order.Terms)!.ExpiryDays * UtcDay.Ms);
        account.Closed = new ClosedPoints(
            closed.Points + booked.Issued - booked.Expired, closed.Expired + booked.Expired, isForEver ? 0 : Math.Max(expiresMs, closed.ExpiresMs));
    }

    private static void LookAhead(CustomerState state, PointsOutlook outlook, ref FoldStep step)
    {
        var account = state.Loyalty!;
        var (before, rules) = (account.Outlook, step.Program.Loyalty);
        account.Outlook = outlook;
        if (outlook.Tier.Level != before.Tier.Level)
            step.Note(outlook.Tier.Level == 0 ? "tier none" : "tier " + rules.Tiers.NameOf(outlook.Tier.Level));
        if (outlook.Tier.UntilMs != 0 && state.NewestMs == outlook.Tier.UntilMs - rules.Tiers.WarningDays * UtcDay.Ms)
            step.Note(string.Concat("tier ", rules.Tiers.NameOf(outlook.Tier.Level), " ends ", DayOf(outlook.Tier.UntilMs)));
        foreach (var (atMs, points) in outlook.Expiring)
        {
            if (rules.Expiry.NoticeDays > 0 && state.NewestMs == atMs - rules.Expiry.NoticeDays * UtcDay.Ms)
                step.Note(string.Create(CultureInfo.InvariantCulture, $"{points} points expire {DayOf(atMs)}"));
        }
    }

    private static string DayOf(long timeMs) => Rendering.Instant(timeMs)[..10];
}
