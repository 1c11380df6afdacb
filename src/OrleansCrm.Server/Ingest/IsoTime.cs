using System.Text;

namespace OrleansCrm.Server.Ingest;

/// <summary>
/// ISO-8601 instants as clients write them: <c>2026-01-31</c> (midnight UTC), <c>2026-01-31T23:59</c>, with seconds, with any number of
/// decimals, with <c>Z</c> or an offset; without one UTC is meant. Nothing else: a guess at a date is worse than a refusal.
/// </summary>
internal static class IsoTime
{
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset instant)
    {
        instant = default;
        if (!TryDate(ref text, out var year, out var month, out var day))
            return false;
        int hour = 0, minute = 0, second = 0, offset = 0;
        long ticks = 0;
        if (text.Length > 0)
        {
            if (text[0] is not ((byte)'T' or (byte)'t' or (byte)' '))
                return false;
            text = text[1..];
            if (!TryDigits(ref text, 2, out hour) || !TrySkip(ref text, ':') || !TryDigits(ref text, 2, out minute))
                return false;
            if (TrySkip(ref text, ':') && (!TryDigits(ref text, 2, out second) || !TryFraction(ref text, out ticks)))
                return false;
            if (!TryOffset(ref text, out offset))
                return false;
        }

        if (text.Length > 0 || year < 1970 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;
        var utc = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddTicks(ticks);
        if (utc.Year == 9999 || (utc.Year == 1970 && utc.DayOfYear == 1 && offset > hour * 60 + minute))
            return false;
        instant = new DateTimeOffset(utc.AddMinutes(-offset));
        return true;
    }

    /// <summary>One from a query, where the plus of an offset that was not written <c>%2B</c> has become a blank.</summary>
    public static bool TryParseQuery(string text, out DateTimeOffset instant) => TryParse(
        Encoding.UTF8.GetBytes(text.LastIndexOf(' ') is > 10 and var blank ? string.Concat(text.AsSpan(0, blank), "+", text.AsSpan(blank + 1)) : text),
        out instant);

    private static bool TryDate(ref ReadOnlySpan<byte> text, out int year, out int month, out int day)
    {
        month = day = 0;
        return TryDigits(ref text, 4, out year) && TrySkip(ref text, '-')
            && TryDigits(ref text, 2, out month) && TrySkip(ref text, '-') && TryDigits(ref text, 2, out day);
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (!TrySkip(ref text, '.') && !TrySkip(ref text, ','))
            return true;
        var digits = 0;
        for (; digits < text.Length && char.IsAsciiDigit((char)text[digits]); digits++)
        {
            if (digits < 7)
                ticks = ticks * 10 + (text[digits] - '0');
        }

        for (var i = digits; i < 7; i++)
            ticks *= 10;
        text = text[digits..];
        return digits > 0;
    }

    private static bool TryOffset(ref ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length == 0 || TrySkip(ref text, 'Z') || TrySkip(ref text, 'z'))
            return true;
        var sign = text[0] switch { (byte)'+' => 1, (byte)'-' => -1, _ => 0 };
        if (sign == 0)
            return false;
        text = text[1..];
        if (!TryDigits(ref text, 2, out var hours))
            return false;
        var rest = 0;
        if (text.Length > 0)
        {
            TrySkip(ref text, ':');
            if (!TryDigits(ref text, 2, out rest))
                return false;
        }

        minutes = sign * (hours * 60 + rest);
        return hours <= 18 && rest <= 59;
    }

    private static bool TryDigits(ref ReadOnlySpan<byte> text, int count, out int value)
    {
        value = 0;
        if (text.Length < count)
            return false;
        foreach (var digit in text[..count])
        {
            if (!char.IsAsciiDigit((char)digit))
                return false;
            value = value * 10 + (digit - '0');
        }

        text = text[count..];
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> text, char expected)
    {
        if (text.Length == 0 || text[0] != expected)
            return false;
        text = text[1..];
        return true;
    }
}
