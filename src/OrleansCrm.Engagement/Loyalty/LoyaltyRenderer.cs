using System.Globalization;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>The profile's <c>loyalty</c>. Time is never ahead of it: the state is woken at each instant that would change it.</summary>
internal static class LoyaltyRenderer
{
    public static void Write(Utf8JsonWriter json, CustomerState state, ProgramDocument program)
    {
        var (available, held, pending) = state.Ledger is { } ledger
            ? (ledger[PointsAccount.Available], ledger[PointsAccount.Held], ledger[PointsAccount.Pending])
            : default;
        var outlook = state.Loyalty?.Outlook ?? PointsOutlook.None;
        json.WriteStartObject("loyalty");
        json.WriteNumber("balance", available + held);
        json.WriteNumber("held", held);
        json.WriteNumber("available", available);
        json.WriteNumber("pending", pending);
        if (state.Loyalty is { Household.Length: > 0 } account)
            json.WriteString("household", account.Household);
        json.WriteString("tier", program.Loyalty.Tiers.NameOf(outlook.Tier.Level));
        WriteProgress(json, outlook.Tier, program.Loyalty.Tiers.Levels);
        json.WriteStartArray("expiring");
        foreach (var (atMs, points) in outlook.Expiring)
        {
            json.WriteStartObject();
            json.WriteNumber("points", points);
            Rendering.WriteTime(json, "at", atMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteProgress(Utf8JsonWriter json, TierStanding tier, IReadOnlyList<TierLevel> levels)
    {
        var next = tier.Level < levels.Count ? levels[tier.Level] : null;
        json.WriteStartObject("tierProgress");
        json.WriteString("next", next?.Name);
        json.WriteNumber("points", tier.Points);
        json.WriteNumber("needed", next is null ? 0 : Math.Max(0, next.From - tier.Points));
        Rendering.WriteInstant(json, "until", tier.UntilMs);
        json.WriteEndObject();
    }
}

/// <summary>Pages of a ledger, newest line first, each line with the balance (available and held) after it.</summary>
public static class LedgerRenderer
{
    /// <returns>Null where the state does not have all lines any more.</returns>
    /// <param name="page">What <see cref="Page"/> wrote.</param>
    public static byte[]? Render(CustomerState state, string page)
    {
        var parts = page.Split('/');
        var lines = state.Ledger?.Lines ?? [];
        return lines.Count >= Bounds.LedgerLinesMax
            ? null
            : Render(state, lines, long.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    /// <param name="before">Only lines below this number, counted from the customer's first.</param>
    public static string Page(long before, int limit) => string.Create(CultureInfo.InvariantCulture, $"{before}/{limit}");

    /// <param name="lines">All that there ever were, or the newest of them without a gap.</param>
    internal static byte[] Render(CustomerState state, List<LedgerLine> lines, long before, int limit) => Rendering.Object(json =>
    {
        var end = (int)Math.Min(before, lines.Count);
        var start = Math.Max(0, end - limit);
        var balance = (state.Ledger?[PointsAccount.Available] ?? 0) + (state.Ledger?[PointsAccount.Held] ?? 0);
        for (var i = end; i < lines.Count; i++)
            balance -= ChangeOf(lines[i]);
        json.WriteStartArray("items");
        for (var i = end - 1; i >= start; i--)
        {
            Write(json, state, lines[i], balance);
            balance -= ChangeOf(lines[i]);
        }

        json.WriteEndArray();
        json.WriteString("next", start == 0 ? null : start.ToString(CultureInfo.InvariantCulture));
        json.WriteStartObject("accounts");
        for (var account = PointsAccount.Issued; account <= PointsAccount.Expired; account++)
            json.WriteNumber(LedgerWords.Of(account), state.Ledger?[account] ?? 0);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, CustomerState state, in LedgerLine line, long balance)
    {
        json.WriteStartObject();
        json.WriteString("entry", EntryPlace.ToId(state, line.Offset).ToString());
        Rendering.WriteTime(json, "time", line.TimeMs);
        json.WriteString("from", LedgerWords.Of(line.From));
        json.WriteString("to", LedgerWords.Of(line.To));
        json.WriteNumber("points", line.Points);
        json.WriteString("reason", LedgerWords.Of(line.Reason));
        json.WriteString("key", line.Order.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteNumber("balance", balance);
        json.WriteEndObject();
    }

    private static long ChangeOf(in LedgerLine line) => (IsBalance(line.To) ? line.Points : 0) - (IsBalance(line.From) ? line.Points : 0);

    private static bool IsBalance(PointsAccount account) => account is PointsAccount.Available or PointsAccount.Held;
}
