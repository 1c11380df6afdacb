using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Reserves;

/// <summary>What a budget, a slice or a coupon has. Which it is follows from its key.</summary>
internal abstract class Reserve
{
    /// <summary>When time alone changes it next; 0 for never.</summary>
    public abstract long NextMs { get; }

    public static void Write(Utf8JsonWriter json, Reserve? reserve)
    {
        if (reserve is null)
            return;
        json.WriteStartArray("reserve");
        reserve.Write(json);
        json.WriteEndArray();
    }

    public static Reserve? Read(JsonElement json, string key)
    {
        if (!json.TryGetProperty("reserve", out var reserve))
            return null;
        var row = new SnapshotReader.Row(reserve);
        return CustomerKey.Parse(key).Kind switch
        {
            CustomerKind.Budget => BudgetReserve.Read(ref row),
            CustomerKind.Slice => SliceReserve.Read(ref row),
            _ => CouponReserve.Read(ref row),
        };
    }

    protected abstract void Write(Utf8JsonWriter json);
}

/// <summary>An offer's budget: what has been handed out to slices, and which of them ask for more.</summary>
internal sealed class BudgetReserve : Reserve
{
    /// <summary>By partition; what a slice was given and has not sent back, spent or not.</summary>
    public List<(int Partition, long Amount)> Granted { get; } = [];

    /// <summary>Slices that asked for what was not there, first first.</summary>
    public List<(int Partition, long Amount)> Asking { get; } = [];

    /// <summary>When slices were last told to send back what they do not need; 0 for never.</summary>
    public long RecalledMs { get; set; }

    public override long NextMs => 0;

    public long Out => Granted.Sum(g => g.Amount);

    public void Grant(int partition, long amount)
    {
        var place = Granted.FindIndex(g => g.Partition == partition);
        if (place < 0)
            Granted.Add((partition, amount));
        else
            Granted[place] = (partition, Granted[place].Amount + amount);
    }

    public static BudgetReserve Read(ref SnapshotReader.Row row)
    {
        var budget = new BudgetReserve { RecalledMs = row.Long() };
        for (var left = row.Long(); left > 0; left--)
            budget.Granted.Add(((int)row.Long(), row.Long()));
        while (!row.IsAtEnd)
            budget.Asking.Add(((int)row.Long(), row.Long()));
        return budget;
    }

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteNumberValue(RecalledMs);
        json.WriteNumberValue(Granted.Count);
        foreach (var (partition, amount) in Granted.Concat(Asking))
        {
            json.WriteNumberValue(partition);
            json.WriteNumberValue(amount);
        }
    }
}

/// <summary>A partition's slice of a budget: free, held for customers who were shown the offer, and spent by their orders.</summary>
internal sealed class SliceReserve : Reserve
{
    public long Free { get; set; }

    public long Spent { get; set; }

    /// <summary>When it last asked for more and has had no answer since; 0 for not.</summary>
    public long AskedMs { get; set; }

    /// <summary>By the instant at which they end.</summary>
    public List<(ulong Id, long Amount, long UntilMs)> Holds { get; } = [];

    /// <summary>Newest takes whose order came too late to be covered: when it is cancelled nothing comes back.</summary>
    public List<ulong> Uncovered { get; } = [];

    public override long NextMs => Holds.Count == 0 ? 0 : Holds[0].UntilMs;

    public void Hold(ulong id, long amount, long untilMs)
    {
        Free -= amount;
        var place = Holds.Count;
        while (place > 0 && Holds[place - 1].UntilMs > untilMs)
            place--;
        Holds.Insert(place, (id, amount, untilMs));
    }

    /// <returns>What was held; 0 where nothing is, any more.</returns>
    public long End(ulong id)
    {
        var place = Holds.FindIndex(h => h.Id == id);
        if (place < 0)
            return 0;
        var amount = Holds[place].Amount;
        Holds.RemoveAt(place);
        return amount;
    }

    public static SliceReserve Read(ref SnapshotReader.Row row)
    {
        var slice = new SliceReserve { Free = row.Long(), Spent = row.Long(), AskedMs = row.Long() };
        for (var left = row.Long(); left > 0; left--)
            slice.Uncovered.Add(row.Next().GetUInt64());
        while (!row.IsAtEnd)
            slice.Holds.Add((row.Next().GetUInt64(), row.Long(), row.Long()));
        return slice;
    }

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteNumberValue(Free);
        json.WriteNumberValue(Spent);
        json.WriteNumberValue(AskedMs);
        json.WriteNumberValue(Uncovered.Count);
        foreach (var id in Uncovered)
            json.WriteNumberValue(id);
        foreach (var (id, amount, untilMs) in Holds)
        {
            json.WriteNumberValue(id);
            json.WriteNumberValue(amount);
            json.WriteNumberValue(untilMs);
        }
    }
}

/// <summary>A coupon that one order can use.</summary>
internal sealed class CouponReserve : Reserve
{
    /// <summary>Hash of the offer's id that it was made for; 0 while only a program may name it.</summary>
    public ulong Offer { get; set; }

    /// <summary>Who has it at a checkout, a hash that names nobody; 0 for nobody.</summary>
    public ulong Holder { get; set; }

    public long HeldUntilMs { get; set; }

    /// <summary>The order that has used it, by hash; 0 for none.</summary>
    public ulong Order { get; set; }

    /// <summary>From then on it is good for nothing; 0 for never, <see cref="Over"/> once that has come.</summary>
    public long EndsMs { get; set; }

    public const long Over = -1;

    public override long NextMs =>
        Holder == 0 ? Math.Max(0, EndsMs) : EndsMs > 0 ? Math.Min(EndsMs, HeldUntilMs) : HeldUntilMs;

    public static CouponReserve Read(ref SnapshotReader.Row row) => new()
    {
        Offer = row.Next().GetUInt64(),
        Holder = row.Next().GetUInt64(),
        HeldUntilMs = row.Long(),
        Order = row.Next().GetUInt64(),
        EndsMs = row.IsAtEnd ? 0 : row.Long(),
    };

    protected override void Write(Utf8JsonWriter json)
    {
        json.WriteNumberValue(Offer);
        json.WriteNumberValue(Holder);
        json.WriteNumberValue(HeldUntilMs);
        json.WriteNumberValue(Order);
        if (EndsMs != 0)
            json.WriteNumberValue(EndsMs);
    }
}
