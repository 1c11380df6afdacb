using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Lifecycle;

/// <summary>
/// In which months something happened: the newest of them and the 127 before. What it holds does not depend on the order in which it was
/// told.
/// </summary>
internal struct MonthSet : IEquatable<MonthSet>
{
    /// <summary>Ten years and eight months: what a shop looks at, in 16 bytes.</summary>
    public const int Span = 128;

    /// <summary>The month of the lowest bit; of no meaning while there are no bits.</summary>
    public int First;

    public UInt128 Bits;

    /// <summary>The newest month; of no meaning while there are no bits.</summary>
    public readonly int Last => First + Span - 1 - (int)UInt128.LeadingZeroCount(Bits);

    public readonly bool IsEmpty => Bits == UInt128.Zero;

    public void Add(long timeMs) => AddMonth(UtcMonth.Of(timeMs));

    public static MonthSet Joined(MonthSet x, in MonthSet y)
    {
        for (var i = 0; i < Span; i++)
        {
            if ((y.Bits >> i & UInt128.One) != UInt128.Zero)
                x.AddMonth(y.First + i);
        }

        return x;
    }

    /// <summary>The months from 64 <paramref name="block"/> on, one bit each.</summary>
    public readonly ulong Block(int block)
    {
        var shift = block * 64 - First;
        return shift is <= -64 or >= Span ? 0 : (ulong)(shift >= 0 ? Bits >> shift : Bits << -shift);
    }

    public readonly bool Equals(MonthSet other) => Bits == other.Bits && (First == other.First || IsEmpty);

    public override readonly bool Equals(object? obj) => obj is MonthSet other && Equals(other);

    public override readonly int GetHashCode() => (int)(ulong)Bits ^ First;

    private void AddMonth(int month)
    {
        if (IsEmpty)
            First = month;
        if (month < First)
        {
            var gap = First - month;
            if (gap >= Span || Bits >> (Span - gap) != UInt128.Zero)
                return;
            (First, Bits) = (month, Bits << gap);
        }
        else if (month - First >= Span)
        {
            var gap = month - First - (Span - 1);
            (First, Bits) = (First + gap, gap >= Span ? UInt128.Zero : Bits >> gap);
        }

        Bits |= UInt128.One << (month - First);
    }
}
