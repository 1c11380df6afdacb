using System.Numerics;
using OrleansCrm.Engagement.Loyalty;

namespace OrleansCrm.Engagement.Customers;

/// <summary>
/// What is known of one order, whatever came first: an update, a cancellation or a refund of an order that has not been placed waits
/// here with it. Every answer is a function of what was reported, not of the order in which it came.
/// </summary>
internal sealed class Order
{
    // Far from where sums of points would overflow.
    private const long PointsMax = 1_000_000_000_000_000;

    public ulong Key;

    /// <summary>Whether Order Completed has come.</summary>
    public bool IsPlaced;
    public bool IsCancelled;

    /// <summary>A refund without amount came: all that is left.</summary>
    public bool IsRefundedWhole;

    /// <summary>The earliest report's time.</summary>
    public long PlacedMs;

    /// <summary>Where the first report stands in the journal.</summary>
    public long EntryOffset;
    public long ValueMicros;

    /// <summary>When an update gave the value; 0 when it is the one the order was placed with.</summary>
    public long ValueMs;
    public string Currency = "";

    /// <summary>Points per unit of the order's currency in millionths, as the program was when the order came; 0 for none.</summary>
    public long EarnRateMicros;

    /// <summary>Terms under which the points stand, as <see cref="LoyaltyAccount"/> numbers them.</summary>
    public byte Terms;

    /// <summary>What earns at a rate of its own; null for nothing.</summary>
    public EarnLine[]? EarnLines;

    /// <summary>Sum of the refunds that stated an amount.</summary>
    public long RefundedMicros;

    /// <summary>Priced products; null for none.</summary>
    public OrderLine[]? Lines;
    public long LinesMs;

    /// <summary>Products sent back without a price, which the order's own lines give; null for none.</summary>
    public ReturnedLine[]? Returned;

    /// <summary>Value of single products that refunds with an amount named, kept where products earn differently; null for none.</summary>
    public ReturnedLine[]? ReturnedValues;

    public long NetMicros => ValueMicros - RefundedTotal;

    public bool Counts => IsPlaced && !IsCancelled;

    /// <summary>Counts and is not wholly refunded: what lifecycle and churn call a purchase.</summary>
    public bool IsPurchase => Counts && !(ValueMicros > 0 ? RefundedTotal >= ValueMicros : IsRefundedWhole);

    /// <summary>Whole points for what remains.</summary>
    public long Points => PointsAt(1_000_000);

    /// <summary>Whole points for what remains, with a tier's multiplier in millionths.</summary>
    public long PointsAt(long multiplierMicros)
    {
        if (!Counts || NetMicros <= 0)
            return 0;
        if (EarnLines is not null)
            return PointsByLine(EarnLines, multiplierMicros);
        var rate = multiplierMicros == 1_000_000 ? EarnRateMicros : Money.Times(EarnRateMicros, multiplierMicros);
        return rate > 0 ? Math.Min(Money.TimesOver(NetMicros, rate, 1_000_000_000_000), PointsMax) : 0;
    }

    private long RefundedTotal
    {
        get
        {
            var whole = Math.Max(ValueMicros, 0);
            return IsRefundedWhole ? whole : Math.Clamp(Money.Add(RefundedMicros, ReturnedMicros()), 0, whole);
        }
    }

    public void Place(long timeMs, long valueMicros, string currency, in OrderEarning earning, OrderLine[]? lines, long entryOffset)
    {
        if (IsPlaced && !IsEarlier(timeMs, valueMicros))
            return;
        if (!IsPlaced)
            EntryOffset = entryOffset;
        if (!IsPlaced || currency != Currency || timeMs != PlacedMs)
            (EarnRateMicros, Terms, EarnLines) = (earning.RateMicros, earning.Terms, earning.Lines);

        IsPlaced = true;
        PlacedMs = timeMs;
        Currency = currency;
        if (ValueMs == 0)
            ValueMicros = valueMicros;
        if (LinesMs == 0)
            Lines = lines;
    }

    public void Update(long timeMs, long? valueMicros, OrderLine[]? lines)
    {
        if (valueMicros is { } value && (ValueMs == 0 || timeMs > ValueMs || (timeMs == ValueMs && value > ValueMicros)))
        {
            ValueMicros = value;
            ValueMs = timeMs;
        }

        if (lines is not null && (LinesMs == 0 || timeMs > LinesMs))
        {
            Lines = lines;
            LinesMs = timeMs;
        }
    }

    /// <summary>Adds what another id of the person was told of the same order.</summary>
    /// <param name="shareRefunds">Some refund was told to both: then the greater of the two sums counts.</param>
    public void Take(Order other, bool shareRefunds)
    {
        IsCancelled |= other.IsCancelled;
        IsRefundedWhole |= other.IsRefundedWhole;
        if (other.IsPlaced)
            Place(other.PlacedMs, other.ValueMicros, other.Currency, new(other.EarnRateMicros, other.Terms, other.EarnLines), other.LinesMs == 0 ? other.Lines : null, other.EntryOffset);
        if (other.ValueMs != 0)
            Update(other.ValueMs, other.ValueMicros, null);
        if (other.LinesMs != 0)
            Update(other.LinesMs, null, other.Lines);
        RefundedMicros = shareRefunds ? Math.Max(RefundedMicros, other.RefundedMicros) : Money.Add(RefundedMicros, other.RefundedMicros);
        if (other.Returned is not null && !(shareRefunds && Returned?.Length >= other.Returned.Length))
            Returned = shareRefunds || Returned is null ? other.Returned : [.. Returned, .. other.Returned];
        if (other.ReturnedValues is not null && !(shareRefunds && ReturnedValues?.Length >= other.ReturnedValues.Length))
            ReturnedValues = shareRefunds || ReturnedValues is null ? other.ReturnedValues : [.. ReturnedValues, .. other.ReturnedValues];
    }

    public void ReturnValues(ReturnedLine[] values) => ReturnedValues = ReturnedValues is null ? values : [.. ReturnedValues, .. values];

    public void Return(ReturnedLine[] lines) => Returned = Returned is null ? lines : [.. Returned, .. lines];

    /// <summary>What was sent back counts against its own line, whatever else was refunded or taken off against all lines alike.</summary>
    private long PointsByLine(EarnLine[] lines, long multiplierMicros)
    {
        BigInteger named = 0, left = 0, weighted = 0;
        foreach (var line in lines)
        {
            var kept = line.ValueMicros - Math.Min(line.ValueMicros, ReturnedOf(line.Key));
            named += line.ValueMicros;
            left += kept;
            weighted += (BigInteger)kept * line.RateMicros;
        }

        var others = BigInteger.Max(0, ValueMicros - named);
        var all = left + others;
        if (all.IsZero)
            return 0;
        weighted += others * EarnRateMicros;
        var refunded = BigInteger.Max(0, RefundedTotal - (named - left));
        var (paid, of) = named > ValueMicros ? (all * ValueMicros - refunded * named, all * named) : (all - refunded, all);
        var points = weighted * multiplierMicros * BigInteger.Max(0, paid) / of / 1_000_000_000_000_000_000;
        return (long)BigInteger.Min(points, PointsMax);
    }

    private long ReturnedOf(ulong key)
    {
        if (key == 0)
            return 0;
        long sum = 0;
        foreach (var value in ReturnedValues ?? [])
            sum = value.Key == key ? Money.Add(sum, value.QuantityMicros) : sum;
        return Returned is null ? sum : Money.Add(sum, ReturnedMicros(key));
    }

    private bool IsEarlier(long timeMs, long valueMicros) =>
        timeMs < PlacedMs || (timeMs == PlacedMs && ValueMs == 0 && valueMicros < ValueMicros);

    /// <param name="only">Of this product alone; 0 for all.</param>
    private long ReturnedMicros(ulong only = 0)
    {
        if (Returned is null || Lines is null)
            return 0;
        long sum = 0;
        foreach (var returned in Returned)
        {
            if (only != 0 && returned.Key != only)
                continue;
            foreach (var line in Lines)
            {
                if (line.Key != returned.Key)
                    continue;
                sum = Money.Add(sum, Money.Times(line.PriceMicros, returned.QuantityMicros));
                break;
            }
        }

        return sum;
    }
}

internal readonly record struct OrderLine(ulong Key, long PriceMicros);

/// <param name="QuantityMicros">Millionths; in <see cref="Order.ReturnedValues"/> the value.</param>
internal readonly record struct ReturnedLine(ulong Key, long QuantityMicros);
