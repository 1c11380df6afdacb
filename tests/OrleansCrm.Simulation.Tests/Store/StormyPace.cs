using OrleansCrm.Journal;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Store;

/// <summary>How bad the database is.</summary>
internal sealed class JournalWeather
{
    /// <summary>A call fails; whether it was carried out is drawn.</summary>
    public double Fails { get; set; }

    /// <summary>A call takes up to seconds instead of milliseconds.</summary>
    public double Dawdles { get; set; }

    /// <summary>How long at most.</summary>
    public double DawdlesSeconds { get; set; } = 1;
}

/// <summary>
/// Each transaction happens a little after it was asked for, and its caller hears of it a little later. It may fail before, fail after
/// it has happened, or fail now and happen later all the same, or fail for want of room, and say so. When the process dies in between, nobody hears, and what was on its way
/// happens or not.
/// </summary>
internal sealed class StormyPace(World world, JournalWeather weather) : IJournalPace
{
    private bool _isDead;

    private enum Fate
    {
        Fine,
        FailsBefore,
        FailsAfter,
        FailsAndHappensLater,
        HasNoRoom,
    }

    public void Die() => _isDead = true;

    public Task<T> RunAsync<T>(string what, bool isWrite, Func<T> transact)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_isDead)
            return answer.Task;
        var fate = !world.Draw(weather.Fails) ? Fate.Fine : isWrite ? (Fate)world.Random.Next(1, 5) : Fate.FailsBefore;
        var outlivesProcess = world.Draw(0.3);
        var (until, back) = (Duration(), Duration());
        world.Say($"  ask {what}{(fate == Fate.Fine ? "" : " " + fate)}");
        world.In(fate == Fate.FailsAndHappensLater ? until + world.Between(0, 2) : until, () =>
        {
            if (fate is Fate.FailsBefore or Fate.HasNoRoom || (_isDead && !(isWrite && outlivesProcess)))
                return;
            try
            {
                var result = transact();
                world.Say($"  done {what}");
                if (fate == Fate.Fine)
                    world.In(back, () => Answer(() => answer.TrySetResult(result)));
            }
            catch (Exception exception)
            {
                world.Say($"  refused {what}: {exception.Message}");
                if (fate == Fate.Fine)
                    world.In(back, () => Answer(() => answer.TrySetException(exception)));
            }
        });
        if (fate != Fate.Fine)
        {
            var failure = fate == Fate.HasNoRoom ? new JournalFullException("The storm has filled it.") : new JournalUnavailableException("The storm took it.");
            world.In(until + back, () => Answer(() => answer.TrySetException(failure)));
        }

        return answer.Task;
    }

    private void Answer(Action answer)
    {
        if (!_isDead)
            answer();
    }

    private TimeSpan Duration() => world.Draw(weather.Dawdles) ? world.Between(0, weather.DawdlesSeconds) : world.Between(0, 0.003);
}
