namespace OrleansCrm.Server.Import;

/// <summary>
/// Turns local times of a zone into instants. Two kinds of local time have no single answer: one skipped when clocks go forward is read
/// as if they had not yet, so it lands as long after the change as it lies after the gap's beginning; one that comes twice when clocks go
/// back means the first.
/// </summary>
internal sealed class LocalClock
{
    private readonly TimeZoneInfo _zone;

    private LocalClock(TimeZoneInfo zone) => _zone = zone;

    /// <exception cref="ImportException">The machine does not know the zone.</exception>
    public static LocalClock Of(string zone)
    {
        try
        {
            return new LocalClock(TimeZoneInfo.FindSystemTimeZoneById(zone));
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException)
        {
            throw new ImportException(
                $"this machine does not know the time zone '{zone}'; names are those of IANA (Europe/London), the package tzdata brings them", e);
        }
    }

    /// <returns>Unix milliseconds.</returns>
    public long ToUnixMs(DateTime local)
    {
        var offset = _zone.IsInvalidTime(local)
            ? _zone.GetUtcOffset(local.AddHours(-3))
            : _zone.IsAmbiguousTime(local) ? _zone.GetAmbiguousTimeOffsets(local).Max() : _zone.GetUtcOffset(local);
        return (local.Ticks - offset.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
    }
}
