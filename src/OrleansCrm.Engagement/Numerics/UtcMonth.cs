namespace OrleansCrm.Engagement.Numerics;

/// <summary>Calendar months in UTC, counted from January 1970 = 0.</summary>
internal static class UtcMonth
{
    /// <remarks>H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years that begin in March have their leap day last.</remarks>
    public static int Of(long ms)
    {
        var day = UtcDay.Of(ms) + 719_468;
        var era = (day >= 0 ? day : day - 146_096) / 146_097;
        var dayOfEra = day - era * 146_097;
        var yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        var dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        var monthFromMarch = (5 * dayOfYear + 2) / 153;
        var year = yearOfEra + era * 400 + (monthFromMarch >= 10 ? 1 : 0);
        return (int)((year - 1970) * 12 + (monthFromMarch + 2) % 12);
    }
}
