using System.Globalization;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Points for a birthday, at the beginning of the day (UTC) that the trait <c>birthday</c> says (<c>1990-05-17</c>, or <c>05-17</c> without
/// the year), once in a calendar year. Only what a server has said counts. In a year without a 29 February it is the 28th.
/// </summary>
internal static class Birthdays
{
    private const string TraitName = "birthday";
    private const int MonthAndDay = 5;

    /// <summary>Gives what is due at the customer's clock.</summary>
    public static void Meet(CustomerState state, ref FoldStep step)
    {
        var rules = step.Program.Loyalty;
        if (state.BirthdayNextMs is 0 || state.BirthdayNextMs > state.NewestMs)
            return;
        var timeMs = state.BirthdayNextMs;
        var year = (ulong)Rendering.TimeOf(timeMs).Year;
        if (rules.Bonuses.Birthday > 0)
            LoyaltyFold.Give(state, new Credit(PointsCause.Birthday, year, timeMs, rules.Bonuses.Birthday, LoyaltyFold.ExpiryOf(rules, timeMs)), ref step);
    }

    /// <summary>Looks for the next one after the customer's clock.</summary>
    public static void LookAhead(CustomerState state, BonusRules rules) =>
        state.BirthdayNextMs = rules.Birthday > 0 && Traits.ServerText(state, TraitName) is { } text && TryParse(text, out var month, out var day)
            ? NextMs(Math.Max(state.NewestMs, rules.BirthdayFromMs - 1), month, day)
            : 0;

    private static long NextMs(long afterMs, int month, int day)
    {
        for (var year = Rendering.TimeOf(afterMs).Year; ; year++)
        {
            var start = new DateTimeOffset(year, month, Math.Min(day, DateTime.DaysInMonth(year, month)), 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
            if (start > afterMs)
                return start;
        }
    }

    private static bool TryParse(string text, out int month, out int day)
    {
        // With a time behind it, as some senders write dates.
        var date = text.Length > 10 && text[10] == 'T' ? text[..10] : text;
        (month, day) = (0, 0);
        if (date.Length is not (MonthAndDay or 7 or 10) || date[^3] != '-' || (date.Length > MonthAndDay && date[^6] != '-'))
            return false;
        return int.TryParse(date.AsSpan(date.Length - 5, 2), NumberStyles.None, CultureInfo.InvariantCulture, out month)
            && int.TryParse(date.AsSpan(date.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out day)
            && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(2024, month);
    }
}
