namespace Orleans.Runtime;

/// <summary>A timer of a grain. Disposing stops it: no tick starts afterwards.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets it anew; during a tick this takes effect when the tick has ended.</summary>
    /// <param name="dueTime">Time to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> for none.</param>
    /// <param name="period">Time from the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for one tick.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}
