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

/// <summary>The newest lines of a ledger, newest first, each with the balance (available and held) after it.</summary>
public static class LedgerRenderer
{
    public static byte[] Render(CustomerState state) => Rendering.Object(json =>
    {
        var balance = BalanceOf(state);
        json.WriteStartArray("items");
        for (var i = (state.Ledger?.Lines.Count ?? 0) - 1; i >= 0; i--)
        {
            var line = state.Ledger!.Lines[i];
            json.WriteStartObject();
            json.WriteString("entry", EntryPlace.ToId(state, line.Offset).ToString());
            Rendering.WriteTime(json, "time", line.TimeMs);
            json.WriteString("from", LedgerWords.Of(line.From));
            json.WriteString("to", LedgerWords.Of(line.To));
            json.WriteNumber("points", line.Points);
            json.WriteString("reason", LedgerWords.Of(line.Reason));
            json.WriteString("key", line.Order.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteNumber("balance", balance);
            json.WriteEndObject();
            balance -= (IsBalance(line.To) ? line.Points : 0) - (IsBalance(line.From) ? line.Points : 0);
        }

        json.WriteEndArray();
        json.WriteNull("next");
        json.WriteStartObject("accounts");
        for (var account = PointsAccount.Issued; account <= PointsAccount.Expired; account++)
            json.WriteNumber(LedgerWords.Of(account), state.Ledger?[account] ?? 0);
        json.WriteEndObject();
    });

    private static long BalanceOf(CustomerState state) =>
        state.Ledger is { } ledger ? ledger[PointsAccount.Available] + ledger[PointsAccount.Held] : 0;

    private static bool IsBalance(PointsAccount account) => account is PointsAccount.Available or PointsAccount.Held;
}
