using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Conditions;

/// <param name="Key">Of what happened: of one key the earliest time counts.</param>
internal readonly record struct CountedTime(long TimeMs, ulong Key) : IComparable<CountedTime>
{
    public int CompareTo(CountedTime other) => TimeMs != other.TimeMs ? TimeMs.CompareTo(other.TimeMs) : Key.CompareTo(other.Key);
}

/// <summary>
/// The newest times of one kind of event: as many as the program's conditions need and no more, so that a state stays small whatever a
/// script sends.
/// </summary>
internal sealed class CountedTimes(string name)
{
    public string Name => name;

    /// <summary>By time.</summary>
    public List<CountedTime> Times { get; } = new(1);

    public static CountedTimes? Find(CustomerState state, string name)
    {
        foreach (var counted in state.Counted ?? [])
        {
            if (string.Equals(counted.Name, name, StringComparison.Ordinal))
                return counted;
        }

        return null;
    }

    /// <returns>Whether anything is other than before.</returns>
    public static bool Add(CustomerState state, string name, in CountedTime time, int max)
    {
        if (max == 0)
            return false;
        if (Find(state, name) is not { } counted)
        {
            counted = new CountedTimes(name);
            var all = state.Counted ??= new List<CountedTimes>(1);
            var place = all.FindIndex(c => string.CompareOrdinal(c.Name, name) > 0);
            all.Insert(place < 0 ? all.Count : place, counted);
        }

        return counted.Add(time, max);
    }

    /// <summary>Adds what was counted under another id of the person.</summary>
    public static void Take(CustomerState state, CustomerState given, CountedEvents program)
    {
        foreach (var counted in given.Counted ?? [])
        {
            foreach (var time in counted.Times)
                Add(state, counted.Name, time, program.MaxOf(counted.Name));
        }
    }

    /// <summary>Forgets what the program does not ask for any more.</summary>
    public static void Trim(CustomerState state, CountedEvents program)
    {
        if (state.Counted is not { } all)
            return;
        foreach (var counted in all)
            counted.Times.RemoveRange(0, Math.Max(0, counted.Times.Count - program.MaxOf(counted.Name)));
        all.RemoveAll(counted => counted.Times.Count == 0);
        if (all.Count == 0)
            state.Counted = null;
    }

    private bool Add(in CountedTime time, int max)
    {
        var key = time.Key;
        var known = Times.FindIndex(t => t.Key == key);
        if (known >= 0)
        {
            if (Times[known].TimeMs <= time.TimeMs)
                return false;
            Times.RemoveAt(known);
        }

        var place = Times.Count;
        while (place > 0 && Times[place - 1].CompareTo(time) > 0)
            place--;
        if (Times.Count >= max && place == 0)
            return known >= 0;
        Times.Insert(place, time);
        if (Times.Count > max)
            Times.RemoveAt(0);
        return true;
    }
}
