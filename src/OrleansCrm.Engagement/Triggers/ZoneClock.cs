using System.Globalization;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>What clocks show in a time zone, by the rules of <see cref="ZoneTable"/>. They are those of today; for long past years they may be others.</summary>
public sealed class ZoneClock
{
    private const long MinuteMs = 60_000;
    private const int EpochDay = 719_162;

    private static readonly Dictionary<string, ZoneClock> Zones = Parse();

    private readonly int _standard;
    private readonly int _summer;
    private readonly Change[] _changes;

    private ZoneClock(string rules)
    {
        var parts = rules.Split(' ');
        _standard = Number(parts[0]);
        (_summer, _changes) = parts.Length == 3 ? (Number(parts[1]), Array.ConvertAll(parts[2].Split(','), Change.Parse)) : (_standard, []);
    }

    public static ZoneClock Utc { get; } = Zones["UTC"];

    /// <param name="name">As the IANA database names it: <c>Europe/Berlin</c>.</param>
    /// <returns>Null for a zone that is not known.</returns>
    public static ZoneClock? Find(string name) => Zones.GetValueOrDefault(name);

    /// <summary>Minutes that clocks are ahead of UTC.</summary>
    /// <param name="utcMs">Unix milliseconds.</param>
    public int OffsetAt(long utcMs)
    {
        if (_changes.Length == 0)
            return _standard;
        var day = (int)Math.Clamp(Numerics.UtcDay.Of(utcMs) + EpochDay, 366, DateOnly.MaxValue.DayNumber);
        var year = DateOnly.FromDayNumber(day).Year;
        var (toSummerMs, fromSummerMs) = (_changes[0].At(year, _standard), _changes[1].At(year, _summer));
        var isSummer = toSummerMs < fromSummerMs
            ? toSummerMs <= utcMs && utcMs < fromSummerMs
            : !(fromSummerMs <= utcMs && utcMs < toSummerMs);
        return isSummer ? _summer : _standard;
    }

    private static Dictionary<string, ZoneClock> Parse()
    {
        var zones = new Dictionary<string, ZoneClock>(StringComparer.Ordinal);
        foreach (var line in ZoneTable.Text.Split('\n'))
        {
            var (rules, names) = line.IndexOf(" = ", StringComparison.Ordinal) is var at ? (line[..at], line[(at + 3)..]) : default;
            var clock = new ZoneClock(rules);
            foreach (var name in names.Split(' '))
                zones.Add(name.TrimEnd(), clock);
        }

        return zones;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>When clocks are changed: <c>Mm.w.d/h:mm</c>, the w-th (5: the last) of these days of the month, Sunday being 0.</summary>
    private readonly record struct Change(int Month, int Week, int Weekday, int Minutes)
    {
        public static Change Parse(string text)
        {
            var parts = text[1..].Split('/');
            var day = parts[0].Split('.');
            var clock = parts.Length == 1 ? ["2"] : parts[1].Split(':');
            return new Change(
                Number(day[0]), Number(day[1]), Number(day[2]), (Number(clock[0]) * 60) + (clock.Length == 1 ? 0 : Number(clock[1])));
        }

        /// <param name="offset">What clocks show before the change, in minutes.</param>
        public long At(int year, int offset)
        {
            var first = new DateOnly(year, Month, 1);
            var day = 1 + ((Weekday - (int)first.DayOfWeek + 7) % 7) + ((Week - 1) * 7);
            if (day > DateTime.DaysInMonth(year, Month))
                day -= 7;
            return ((first.DayNumber + day - 1 - EpochDay) * Numerics.UtcDay.Ms) + ((Minutes - offset) * MinuteMs);
        }
    }
}
