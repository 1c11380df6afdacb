using System.Globalization;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Turns the difference between what was booked and what is true now into lines with two sides, cause by cause.</summary>
internal static class LedgerBooking
{
    private const int Accounts = (int)PointsAccount.Expired + 1;

    /// <param name="before">And <paramref name="now"/>: by cause and key.</param>
    public static void Book(CustomerState state, List<Position> before, List<Position> now, long timeMs, ref FoldStep step)
    {
        var said = new List<LedgerLine>();
        for (int x = 0, y = 0; x < before.Count || y < now.Count;)
        {
            var order = x == before.Count ? 1 : y == now.Count ? -1 : before[x].CompareTo(now[y]);
            var old = order <= 0 ? before[x++] : new Position(now[y].Cause, now[y].Key, 0);
            var current = order >= 0 ? now[y++] : new Position(old.Cause, old.Key, 0);
            if (old != current)
                Post(state, old, current, timeMs, said, ref step);
        }

        foreach (var line in said)
            step.Note(Say(line));
    }

    private static void Post(CustomerState state, in Position old, in Position now, long timeMs, List<LedgerLine> said, ref FoldStep step)
    {
        Span<long> change = stackalloc long[Accounts];
        for (var i = 0; i < Accounts; i++)
            change[i] = now[(PointsAccount)i] - old[(PointsAccount)i];

        // All changes sum to zero: what leaves one account enters another, in the order of the accounts.
        for (int from = 0, to = 0; ;)
        {
            while (from < Accounts && change[from] >= 0)
                from++;
            while (to < Accounts && change[to] <= 0)
                to++;
            if (from == Accounts)
                return;
            var points = Math.Min(-change[from], change[to]);
            change[from] += points;
            change[to] -= points;
            var (source, target) = ((PointsAccount)from, (PointsAccount)to);
            var line = new LedgerLine(
                step.Entry.Offset, timeMs, source, target, points, ReasonOf(now.Cause, source, target), KeyOf(state, now));
            step.Post(state, line);
            Add(said, line);
        }
    }

    // The order that was paid with them says more to an accountant than where the request stands.
    private static ulong KeyOf(CustomerState state, Position position)
    {
        if (position.Cause != PointsCause.Redemption)
            return position.Key;
        var place = (long)position.Key;
        return state.Loyalty?.Redemptions?.Find(r => r.Place == place) is { OrderKey: not 0 } redemption ? redemption.OrderKey : position.Key;
    }

    private static PointsReason ReasonOf(PointsCause cause, PointsAccount from, PointsAccount to) => (from, to) switch
    {
        _ when cause == PointsCause.ClosedOrders && from != PointsAccount.Available => PointsReason.CarriedOver,
        (PointsAccount.Pending, PointsAccount.Available) => PointsReason.Released,
        (_, PointsAccount.Held) => PointsReason.Held,
        (_, PointsAccount.Spent) => PointsReason.Redeemed,
        (_, PointsAccount.Expired) => PointsReason.Expired,
        (PointsAccount.Held or PointsAccount.Spent or PointsAccount.Expired, PointsAccount.Available) => PointsReason.Returned,
        (PointsAccount.InTransit, _) or (_, PointsAccount.InTransit) => PointsReason.Transferred,
        (_, PointsAccount.Issued) when cause != PointsCause.Adjustment => PointsReason.Reversed,
        _ => cause switch
        {
            PointsCause.Welcome => PointsReason.Welcome,
            PointsCause.Review => PointsReason.Review,
            PointsCause.Birthday => PointsReason.Birthday,
            PointsCause.Referral or PointsCause.Referred => PointsReason.Referral,
            PointsCause.Adjustment => PointsReason.Adjusted,
            PointsCause.Redemption => PointsReason.Forgiven,
            _ => PointsReason.Earned,
        },
    };

    /// <summary>The timeline says in one line what many lots did alike.</summary>
    private static void Add(List<LedgerLine> said, LedgerLine line)
    {
        var place = said.FindIndex(l => (l.From, l.To, l.Reason) == (line.From, line.To, line.Reason));
        if (place < 0)
            said.Add(line);
        else
            said[place] = said[place] with { Points = said[place].Points + line.Points };
    }

    private static string Say(in LedgerLine line)
    {
        var points = line.Points.ToString(CultureInfo.InvariantCulture);
        return (line.From, line.To) switch
        {
            (PointsAccount.Issued, PointsAccount.Available) => "+" + points + " points",
            (PointsAccount.Issued, PointsAccount.Pending) => "+" + points + " points pending",
            (PointsAccount.Pending, PointsAccount.Issued) => "-" + points + " points pending",
            (_, PointsAccount.Issued) => "-" + points + " points",
            _ => points + " points " + LedgerWords.Of(line.Reason).Replace('_', ' '),
        };
    }
}

internal static class LedgerWords
{
    public static string Of(PointsAccount account) => account switch
    {
        PointsAccount.Available => "available",
        PointsAccount.InTransit => "in-transit",
        PointsAccount.Pending => "pending",
        PointsAccount.Held => "held",
        PointsAccount.Spent => "spent",
        PointsAccount.Expired => "expired",
        _ => "issued",
    };

    public static string Of(PointsReason reason) => reason switch
    {
        PointsReason.Earned => "earned",
        PointsReason.Moved => "moved",
        PointsReason.Released => "released",
        PointsReason.Held => "held",
        PointsReason.Redeemed => "redeemed",
        PointsReason.Returned => "returned",
        PointsReason.Expired => "expired",
        PointsReason.Welcome => "welcome",
        PointsReason.Review => "review",
        PointsReason.Birthday => "birthday",
        PointsReason.Referral => "referral",
        PointsReason.Adjusted => "adjusted",
        PointsReason.Transferred => "transferred",
        PointsReason.Forgiven => "forgiven",
        PointsReason.CarriedOver => "carried_over",
        _ => "reversed",
    };
}
