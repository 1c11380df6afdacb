using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;

namespace OrleansCrm.Engagement.Signals;

/// <summary>What one customer did or met with that signals are read from, in whatever order it was told.</summary>
internal sealed class SignalRecord
{
    /// <summary>The newest time at which something was put into the cart or checkout was begun; 0 for never.</summary>
    public long CartMs { get; private set; }

    public long CartPlace { get; private set; }

    /// <summary>The newest, by time.</summary>
    public List<SignalMark> Marks { get; } = [];

    /// <summary>What agents have dealt with, by kind of alert.</summary>
    public List<HandledCase> Handled { get; } = [];

    /// <returns>False when it says nothing new.</returns>
    public bool FillCart(long timeMs, long place)
    {
        if (timeMs <= CartMs)
            return false;
        (CartMs, CartPlace) = (timeMs, place);
        return true;
    }

    /// <returns>False when it says nothing new.</returns>
    public bool Add(SignalMark mark)
    {
        var known = Marks.FindIndex(m => m.Kind == mark.Kind && m.Key == mark.Key);
        if (known >= 0)
        {
            // A ticket may be opened again; a refund that is told once more happened when it was told first.
            var isNewer = mark.TimeMs > Marks[known].TimeMs;
            if (mark.TimeMs == Marks[known].TimeMs || isNewer == mark.Kind is MarkKind.Refund or MarkKind.PaymentFailed)
                return false;
            Marks.RemoveAt(known);
        }

        var place = Marks.Count;
        while (place > 0 && Marks[place - 1].CompareTo(mark) > 0)
            place--;
        Marks.Insert(place, mark);
        if (Marks.Count > Bounds.SignalMarksMax)
            Marks.RemoveAt(0);
        return true;
    }

    public HandledCase? HandledOf(string kind)
    {
        foreach (var handled in Handled)
        {
            if (handled.Kind == kind)
                return handled;
        }

        return null;
    }

    /// <summary>The later of two counts.</summary>
    public void Handle(HandledCase handled)
    {
        var place = Handled.FindIndex(h => string.CompareOrdinal(h.Kind, handled.Kind) >= 0);
        if (place < 0)
            Handled.Add(handled);
        else if (Handled[place].Kind != handled.Kind)
            Handled.Insert(place, handled);
        else
            Handled[place] = new HandledCase(handled.Kind, Math.Max(handled.CauseMs, Handled[place].CauseMs), Math.Max(handled.AtMs, Handled[place].AtMs));
        if (Handled.Count > Bounds.HandledCasesMax)
            Handled.Remove(Handled.MinBy(h => h.AtMs));
    }

    /// <summary>Adds what happened under another id of the person.</summary>
    public void Take(SignalRecord given, int partition)
    {
        FillCart(given.CartMs, EntryPlace.Of(partition, given.CartPlace));
        foreach (var mark in given.Marks)
            Add(mark with { Place = EntryPlace.Of(partition, mark.Place) });
        foreach (var handled in given.Handled)
            Handle(handled);
    }
}

/// <summary>An alert of this kind was resolved: what caused it, up to then, is dealt with.</summary>
/// <param name="CauseMs">Of the case that was resolved.</param>
/// <param name="AtMs">When it was resolved; the cool-down begins.</param>
internal readonly record struct HandledCase(string Kind, long CauseMs, long AtMs);
