namespace OrleansCrm.Grains.Partitions;

/// <summary>
/// Compares the wall clock with the monotonic clock. After a jump the wakes wait: a clock that is wrong by an hour would wake customers
/// who have not been silent for that hour. The new time is believed once it has been steady for a while.
/// </summary>
internal sealed class ClockWatch
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _jump;
    private readonly TimeSpan _trust;
    private DateTimeOffset _wall;
    private long _mono;
    private TimeSpan _drift;
    private long _jumpedAt;

    public ClockWatch(TimeProvider time, TimeSpan jump, TimeSpan trust)
    {
        _time = time;
        _jump = jump;
        _trust = trust;
        _wall = time.GetUtcNow();
        _mono = time.GetTimestamp();
    }

    /// <summary>Whether time cannot be trusted at the moment.</summary>
    public bool IsHeld { get; private set; }

    public void Look()
    {
        var wall = _time.GetUtcNow();
        var mono = _time.GetTimestamp();
        var step = wall - _wall - _time.GetElapsedTime(_mono, mono);
        _wall = wall;
        _mono = mono;

        // Small steps add up to what a clock daemon corrects over days; only what comes at once is a jump.
        if (step.Duration() > _jump)
        {
            _drift += step;
            _jumpedAt = mono;
            IsHeld = _drift.Duration() > _jump;
        }
        else if (IsHeld && _time.GetElapsedTime(_jumpedAt, mono) > _trust)
        {
            _drift = TimeSpan.Zero;
            IsHeld = false;
        }
    }
}
