using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>Why something cannot be had. Stable words.</summary>
public static class ReserveCodes
{
    /// <summary>Nothing is left of the slice just now.</summary>
    public const string Spent = "budget_spent";

    public const string CouponUnknown = "unknown";
    public const string CouponUsed = "used";
    public const string CouponHeld = "held_by_other";
    public const string CouponExpired = "expired";
}

/// <summary>Payloads of what partitions, customers, budgets, slices and coupons tell each other. None names a person.</summary>
public static class ReserveMessages
{
    public static byte[] Take(ulong hold, long amount, long untilMs) => Rendering.Object(json =>
    {
        json.WriteNumber("hold", hold);
        json.WriteNumber("amount", amount);
        json.WriteNumber("untilMs", untilMs);
    });

    public static byte[] Release(ulong hold) => Rendering.Object(json => json.WriteNumber("hold", hold));

    /// <param name="offer">Hash of the offer's id.</param>
    /// <param name="untilMs">Until when it is good; 0 for ever.</param>
    public static byte[] Issue(ulong offer, long untilMs = 0) => Rendering.Object(json =>
    {
        json.WriteNumber("offer", offer);
        if (untilMs != 0)
            json.WriteNumber("untilMs", untilMs);
    });

    /// <param name="holder">A hash that names nobody, and is the same whenever this customer asks.</param>
    public static byte[] Hold(ulong holder) => Rendering.Object(json => json.WriteNumber("holder", holder));

    internal static byte[] Spent(ulong hold, long amount) => Rendering.Object(json =>
    {
        json.WriteNumber("hold", hold);
        json.WriteNumber("amount", amount);
    });

    internal static byte[] Amount(long amount) => Rendering.Object(json => json.WriteNumber("amount", amount));

    internal static byte[] Ask(int partition, long amount, bool isUrgent) => Rendering.Object(json =>
    {
        json.WriteNumber("partition", partition);
        json.WriteNumber("amount", amount);
        json.WriteBoolean("urgent", isUrgent);
    });

    internal static byte[] Return(int partition, long amount) => Rendering.Object(json =>
    {
        json.WriteNumber("partition", partition);
        json.WriteNumber("amount", amount);
    });

    internal static byte[] Use(ulong order, ulong holder) => Rendering.Object(json =>
    {
        json.WriteNumber("order", order);
        json.WriteNumber("holder", holder);
    });

    internal static byte[] Unuse(ulong order) => Rendering.Object(json => json.WriteNumber("order", order));
}
